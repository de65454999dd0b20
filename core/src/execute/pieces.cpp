// A tensor is [outer][axis][inner]: what one part holds of one `outer` lies in one piece.
#include "execute/pieces.hpp"

#include <cstring>
#include <utility>

#include "base/value_impl.hpp"

namespace bp {
namespace {

int64_t product(std::span<const int64_t> dims) {
  int64_t count = 1;
  for (const int64_t dim : dims) count *= dim;
  return count;
}

const uint64_t* offsets_of(const RuntimeValue& value) {
  return static_cast<const uint64_t*>(value.host_data());
}

// Elements [first, first + count) of `from`.
struct Piece {
  const RuntimeValue* from = nullptr;
  int64_t first = 0;
  int64_t count = 0;
};

// Pieces of packed elements that do not start and end with a byte cannot be moved by bytes; only the last one
// of a tensor may end within one.
Status check_packing(ElementType type, const Piece& piece, bool last) {
  const uint32_t bits = element_bits(type);
  if (bits >= 8 || (piece.first * bits % 8 == 0 && (last || piece.count * bits % 8 == 0))) return {};
  return {ErrorCode::kUnsupported, "pieces of " + std::string(element_type_name(type)) +
                                       " that do not start and end with a byte cannot be moved"};
}

// `for_each(visit)` calls visit(piece) -> Status for each piece, in the order of the result.
template <class ForEach>
Result<RuntimeValue> gather_strings(ConcreteDims dims, const ForEach& for_each) {
  uint64_t text_bytes = 0;
  const auto measure = [&](const Piece& piece) -> Status {
    const uint64_t* offsets = offsets_of(*piece.from) + piece.first;
    text_bytes += offsets[piece.count] - offsets[0];
    return {};
  };
  BP_RETURN_IF_ERROR(for_each(measure));
  BP_ASSIGN_OR_RETURN(RuntimeValue made, allocate_host_strings(std::move(dims), text_bytes));
  auto* out = reinterpret_cast<uint64_t*>(made.data.address);
  auto* text = reinterpret_cast<char*>(made.string_bytes.address);
  uint64_t end = 0;
  const auto move = [&](const Piece& piece) -> Status {
    const uint64_t* offsets = offsets_of(*piece.from) + piece.first;
    for (int64_t index = 0; index < piece.count; ++index) *out++ = end + offsets[index] - offsets[0];
    const uint64_t size = offsets[piece.count] - offsets[0];
    const auto* from = reinterpret_cast<const char*>(piece.from->string_bytes.address);
    if (size > 0) std::memcpy(text + end, from + offsets[0], size);
    end += size;
    return {};
  };
  BP_RETURN_IF_ERROR(for_each(move));
  *out = end;
  return made;
}

template <class ForEach>
Result<RuntimeValue> gather(ElementType type, ConcreteDims dims, const ForEach& for_each) {
  if (type == ElementType::kString) return gather_strings(std::move(dims), for_each);
  BP_ASSIGN_OR_RETURN(RuntimeValue made, allocate_host_value(type, std::move(dims)));
  auto* out = reinterpret_cast<std::byte*>(made.data.address);
  const std::byte* const end = out + made.data.size;
  const uint32_t bits = element_bits(type);
  const auto move = [&](const Piece& piece) -> Status {
    const uint64_t size = storage_bytes(type, static_cast<uint64_t>(piece.count));
    if (size == 0) return {};
    BP_RETURN_IF_ERROR(check_packing(type, piece, out + size == end));
    const auto* in = static_cast<const std::byte*>(piece.from->host_data());
    std::memcpy(out, in + static_cast<uint64_t>(piece.first) * bits / 8, size);
    out += size;
    return {};
  };
  BP_RETURN_IF_ERROR(for_each(move));
  return made;
}

Status misfit(size_t index, const RuntimeValue& part, const RuntimeValue& first) {
  return {ErrorCode::kInvalidArgument, "element " + std::to_string(index) + " is " + type_string(part) +
                                           ", which cannot be joined with element 0, " + type_string(first)};
}

}  // namespace

Result<size_t> axis_of(int64_t axis, size_t rank) {
  const auto signed_rank = static_cast<int64_t>(rank);
  if (rank == 0) return Status(ErrorCode::kInvalidArgument, "a scalar has no axis " + std::to_string(axis));
  if (axis < -signed_rank || axis >= signed_rank)
    return Status(ErrorCode::kInvalidArgument, "axis must be in [" + std::to_string(-signed_rank) + ", " +
                                                   std::to_string(signed_rank - 1) + "], is " +
                                                   std::to_string(axis));
  return static_cast<size_t>(axis < 0 ? axis + signed_rank : axis);
}

Result<RuntimeValue> join(std::span<const RuntimeValue> parts, int64_t axis, bool new_axis) {
  const RuntimeValue& first = parts.front();
  BP_ASSIGN_OR_RETURN(const size_t at, axis_of(axis, first.dims.size() + (new_axis ? 1 : 0)));
  ConcreteDims dims = first.dims;
  if (new_axis) dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(at), 1);
  dims[at] = 0;
  std::vector<int64_t> inner;  // by part: elements behind `outer`
  for (size_t index = 0; index < parts.size(); ++index) {
    const RuntimeValue& part = parts[index];
    bool same = part.is_tensor() && part.type == first.type && part.dims.size() == first.dims.size();
    for (size_t axis_of_part = 0; same && axis_of_part < part.dims.size(); ++axis_of_part)
      same = part.dims[axis_of_part] == first.dims[axis_of_part] || (!new_axis && axis_of_part == at);
    if (!same) return misfit(index, part, first);
    dims[at] += new_axis ? 1 : part.dims[at];
    inner.push_back(product(std::span(part.dims).subspan(at)));
  }
  const int64_t outer = product(std::span(dims).first(at));
  return gather(first.type, std::move(dims), [&](const auto& visit) -> Status {
    for (int64_t o = 0; o < outer; ++o)
      for (size_t index = 0; index < parts.size(); ++index)
        BP_RETURN_IF_ERROR(visit(Piece{&parts[index], o * inner[index], inner[index]}));
    return {};
  });
}

Result<RuntimeValue> cut(const RuntimeValue& whole, size_t axis, int64_t begin, int64_t count) {
  const int64_t inner = product(std::span(whole.dims).subspan(axis + 1));
  const int64_t outer = product(std::span(whole.dims).first(axis));
  ConcreteDims dims = whole.dims;
  dims[axis] = count;
  return gather(whole.type, std::move(dims), [&](const auto& visit) -> Status {
    for (int64_t o = 0; o < outer; ++o)
      BP_RETURN_IF_ERROR(visit(Piece{&whole, (o * whole.dims[axis] + begin) * inner, count * inner}));
    return {};
  });
}

}  // namespace bp
