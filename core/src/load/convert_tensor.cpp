// Where a tensor's bytes come from, and that there are exactly as many as its type and dims need.
#include "load/convert_tensor.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <limits>

#include "load/external_data.hpp"
#include "load/typed_data.hpp"

namespace bp {
namespace {

// What a tensor of `type` and `dims` must have.
struct Extent {
  ElementType type = ElementType::kUndefined;
  ConcreteDims dims;
  uint64_t count = 0;
  uint64_t bytes = 0;
};

Status invalid(std::string message) { return {ErrorCode::kInvalidModel, std::move(message)}; }

std::string dims_text(const ConcreteDims& dims) { return fmt::format("[{}]", fmt::join(dims, ",")); }

Result<Extent> read_extent(const onnx::TensorProto& proto) {
  Extent extent;
  extent.type = static_cast<ElementType>(proto.data_type());
  if (extent.type != ElementType::kString && element_bits(extent.type) == 0) {
    return invalid(fmt::format("element type {} is unknown", proto.data_type()));
  }
  BP_ASSIGN_OR_RETURN(extent.dims, convert_dims(proto.dims()));
  extent.count = static_cast<uint64_t>(element_count(extent.dims));
  extent.bytes = storage_bytes(extent.type, extent.count);
  if (extent.bytes > uint64_t{std::numeric_limits<int64_t>::max()}) {
    return invalid(fmt::format("dims {} of {} need more than 2^63 bytes", dims_text(extent.dims),
                               element_type_name(extent.type)));
  }
  return extent;
}

Status wrong_size(const Extent& extent, const char* field, uint64_t found) {
  return invalid(fmt::format("{}{} needs {} bytes, {} has {}", element_type_name(extent.type),
                             dims_text(extent.dims), extent.bytes, field, found));
}

TensorPtr view(const Extent& extent, std::span<const std::byte> bytes, std::shared_ptr<const void> owner,
               FileRange file) {
  auto tensor = std::make_shared<Tensor>();
  tensor->type = extent.type;
  tensor->dims = extent.dims;
  tensor->bytes = bytes;
  tensor->owner = std::move(owner);
  tensor->file = std::move(file);
  return tensor;
}

bool field_holds(uint32_t field, ElementType type) {
  switch (field) {
    case kFloatDataField:
      return type == ElementType::kFloat32 || type == ElementType::kComplex64;
    case kDoubleDataField:
      return type == ElementType::kFloat64 || type == ElementType::kComplex128;
    default:
      return type != ElementType::kString;
  }
}

Result<TensorPtr> from_lifted(const LoadContext& context, const onnx::TensorProto& proto,
                              const Extent& extent) {
  const auto index = static_cast<uint64_t>(proto.segment().begin());
  const bool ours = context.lifted != nullptr && proto.segment().end() == context.lifted->mark &&
                    index < context.lifted->payloads.size();
  if (!ours) return invalid("tensors cut into segments are not supported");
  const LiftedPayload& payload = context.lifted->payloads[index];
  const char* field = payload.field == kFloatDataField    ? "float_data"
                      : payload.field == kDoubleDataField ? "double_data"
                                                          : "raw_data";
  if (!field_holds(payload.field, extent.type)) {
    return invalid(
        fmt::format("a {} tensor may not keep its data in {}", element_type_name(extent.type), field));
  }
  if (data_field_count(proto) > 0) return invalid("has data in more than one field");
  if (payload.size != extent.bytes) return wrong_size(extent, field, payload.size);
  return view(extent, context.source.subspan(payload.offset, payload.size), context.source_owner,
              {context.source_path, payload.offset, context.source_version});
}

Result<uint64_t> parse_number(const std::string& key, const std::string& text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return invalid(fmt::format("external data {} '{}' is no number of bytes", key, text));
  }
  return value;
}

Result<TensorPtr> from_external(LoadContext& context, const onnx::TensorProto& proto, const Extent& extent) {
  if (extent.type == ElementType::kString) return invalid("strings may not be external data");
  if (data_field_count(proto) > 0) return invalid("is external data, but holds data of its own too");
  std::string location;
  uint64_t offset = 0;
  uint64_t length = extent.bytes;
  for (const onnx::StringStringEntryProto& entry : proto.external_data()) {
    if (entry.key() == "location") {
      location = entry.value();
    } else if (entry.key() == "offset") {
      BP_ASSIGN_OR_RETURN(offset, parse_number("offset", entry.value()));
    } else if (entry.key() == "length") {
      BP_ASSIGN_OR_RETURN(length, parse_number("length", entry.value()));
    }
  }
  BP_ASSIGN_OR_RETURN(const std::shared_ptr<const MappedFile> file, open_external(context, location));
  if (length != extent.bytes) return wrong_size(extent, "external data", length);
  const uint64_t size = file->bytes().size();
  if (offset > size || length > size - offset) {
    return invalid(fmt::format("external data '{}' has {} bytes, the tensor needs {} from byte {}", location,
                               size, length, offset));
  }
  return view(extent, file->bytes().subspan(offset, length), file, {file->path(), offset, file->version()});
}

void scatter(const Extent& extent, const Tensor& values, const std::vector<uint64_t>& places,
             std::vector<std::byte>& out) {
  const size_t width = element_bits(extent.type) / 8;
  for (size_t i = 0; i < places.size(); ++i) {
    std::memcpy(out.data() + places[i] * width, values.bytes.data() + i * width, width);
  }
}

// Indices are [nnz] into the flat tensor, or [nnz, rank] coordinates.
Result<std::vector<uint64_t>> sparse_places(const Tensor& indices, uint64_t nnz, const ConcreteDims& dims) {
  const size_t rank = dims.size();
  const bool linear = indices.dims.size() == 1;
  const bool fits = indices.type == ElementType::kInt64 && !indices.dims.empty() &&
                    static_cast<uint64_t>(indices.dims[0]) == nnz &&
                    (linear || (indices.dims.size() == 2 && static_cast<size_t>(indices.dims[1]) == rank));
  if (!fits) {
    return invalid(fmt::format("sparse indices must be int64[{}] or int64[{},{}], are {}{}", nnz, nnz, rank,
                               element_type_name(indices.type), dims_text(indices.dims)));
  }
  const std::vector<int64_t> flat = indices.to_int64();
  const int64_t total = element_count(dims);
  std::vector<uint64_t> places(nnz);
  for (size_t i = 0; i < nnz; ++i) {
    int64_t place = linear ? flat[i] : 0;
    for (size_t axis = 0; !linear && axis < rank; ++axis) {
      const int64_t index = flat[i * rank + axis];
      if (index < 0 || index >= dims[axis]) {
        return invalid(fmt::format("sparse index {} is outside dim {} of size {}", index, axis, dims[axis]));
      }
      place = place * dims[axis] + index;
    }
    if (place < 0 || place >= total) {
      return invalid(fmt::format("sparse index {} is outside the {} elements", place, total));
    }
    places[i] = static_cast<uint64_t>(place);
  }
  return places;
}

}  // namespace

Result<ConcreteDims> convert_dims(const google::protobuf::RepeatedField<int64_t>& dims) {
  ConcreteDims out(dims.begin(), dims.end());
  for (const int64_t dim : out) {
    if (dim < 0) return invalid(fmt::format("dims {} contain a negative size", dims_text(out)));
  }
  if (element_count(out) < 0)
    return invalid(fmt::format("dims {} have more than 2^63 elements", dims_text(out)));
  return out;
}

Result<TensorPtr> convert_tensor(LoadContext& context, const onnx::TensorProto& proto) {
  BP_ASSIGN_OR_RETURN(Extent extent, read_extent(proto));
  if (proto.data_location() == onnx::TensorProto::EXTERNAL) return from_external(context, proto, extent);
  if (proto.has_segment()) return from_lifted(context, proto, extent);
  if (data_field_count(proto) > 1) return invalid("has data in more than one field");
  const bool raw = proto.has_raw_data() && (!proto.raw_data().empty() || extent.count == 0);
  if (!raw) return convert_typed_data(proto, extent.type, extent.dims, extent.count);
  if (extent.type == ElementType::kString && !proto.raw_data().empty()) {
    return invalid("strings may not be kept in raw_data");
  }
  if (extent.type == ElementType::kString) return convert_typed_data(proto, extent.type, extent.dims, 0);
  const std::string& data = proto.raw_data();
  if (data.size() != extent.bytes) return wrong_size(extent, "raw_data", data.size());
  return TensorPtr(Tensor::copy_of(extent.type, extent.dims, std::as_bytes(std::span(data))));
}

Result<TensorPtr> convert_sparse_tensor(LoadContext& context, const onnx::SparseTensorProto& proto) {
  Result<TensorPtr> values = convert_tensor(context, proto.values());
  if (!values.ok()) return values.status().at("sparse values");
  Result<TensorPtr> indices = convert_tensor(context, proto.indices());
  if (!indices.ok()) return indices.status().at("sparse indices");
  Extent extent;
  extent.type = (*values)->type;
  BP_ASSIGN_OR_RETURN(extent.dims, convert_dims(proto.dims()));
  extent.count = static_cast<uint64_t>(element_count(extent.dims));
  extent.bytes = storage_bytes(extent.type, extent.count);
  if ((*values)->dims.size() != 1) {
    return invalid(fmt::format("sparse values must have 1 dim, have {}", dims_text((*values)->dims)));
  }
  if (element_bits(extent.type) < 8) {
    return Status(ErrorCode::kUnsupported,
                  fmt::format("sparse tensors of {} are not supported", element_type_name(extent.type)));
  }
  if (extent.bytes > context.options->max_dense_bytes) {
    return invalid(fmt::format("a dense {}{} has {} bytes; the limit is {}", element_type_name(extent.type),
                               dims_text(extent.dims), extent.bytes, context.options->max_dense_bytes));
  }
  const auto nnz = static_cast<uint64_t>((*values)->dims[0]);
  BP_ASSIGN_OR_RETURN(const std::vector<uint64_t> places, sparse_places(**indices, nnz, extent.dims));
  std::vector<std::byte> dense(extent.bytes);
  scatter(extent, **values, places, dense);
  return TensorPtr(Tensor::copy_of(extent.type, extent.dims, dense));
}

}  // namespace bp
