#include "harness/probes.hpp"

#include <fmt/format.h>

#include <cstring>
#include <random>

namespace bp::conformance {
namespace {

template <class T>
void put(std::string* bytes, T value) {
  bytes->append(reinterpret_cast<const char*>(&value), sizeof value);
}

// Makes the probes, one after the other.
class Maker {
 public:
  Maker(uint32_t level, uint64_t seed, bool large) : level_(level), seed_(seed), large_(large) {}

  std::vector<Probe> make() {
    for (const char* op :
         {"Relu", "Neg", "Abs", "Sigmoid", "Tanh", "Exp", "Identity", "Sqrt", "Floor", "Erf"}) {
      unary(op, BP_TYPE_FLOAT32);
    }
    for (const char* op : {"Add", "Mul", "Sub", "Max"}) binary(op, BP_TYPE_FLOAT32);
    for (const char* op : {"Add", "Mul"}) binary_constant(op);
    unary("Relu", BP_TYPE_FLOAT16);
    for (const uint32_t type : {BP_TYPE_INT32, BP_TYPE_INT64, BP_TYPE_UINT8, BP_TYPE_FLOAT64})
      binary("Add", type);
    unary("Not", BP_TYPE_BOOL);
    mat_mul();
    gemm();
    conv();
    max_pool();
    softmax();
    transpose();
    reshape();
    cast();
    chains();
    return std::move(probes_);
  }

 private:
  std::vector<int64_t> shape() const {
    return large_ ? std::vector<int64_t>{4, 64, 1024} : std::vector<int64_t>{2, 3, 5};
  }

  Probe& begin(std::string name) { return probes_.emplace_back(Probe{std::move(name), RawGraph(level_), {}}); }
  uint32_t input(Probe& probe, const char* name, uint32_t type, const std::vector<int64_t>& dims) {
    probe.inputs.push_back(random_tensor(type, dims, seed_ + probe.inputs.size()));
    return probe.graph.input(name, type, dims);
  }
  uint32_t constant(Probe& probe, const char* name, uint32_t type, const std::vector<int64_t>& dims) {
    return probe.graph.constant(name, random_tensor(type, dims, seed_ + 17));
  }
  static RawAttribute ints(const char* name, std::vector<int64_t> values) {
    RawAttribute attribute;
    attribute.name = name;
    attribute.kind = BP_ATTRIBUTE_INTS;
    attribute.ints = std::move(values);
    return attribute;
  }
  static RawAttribute integer(const char* name, int64_t value) {
    RawAttribute attribute;
    attribute.name = name;
    attribute.int_value = value;
    return attribute;
  }
  static std::string type_name(uint32_t type) {
    switch (type) {
      case BP_TYPE_FLOAT32:
        return "float32";
      case BP_TYPE_FLOAT16:
        return "float16";
      case BP_TYPE_FLOAT64:
        return "float64";
      case BP_TYPE_INT32:
        return "int32";
      case BP_TYPE_INT64:
        return "int64";
      case BP_TYPE_UINT8:
        return "uint8";
      default:
        return "bool";
    }
  }

  void unary(const char* op, uint32_t type) {
    Probe& probe = begin(fmt::format("{} {}", op, type_name(type)));
    probe.graph.node(op, {input(probe, "x", type, shape())}, type, shape());
  }
  void binary(const char* op, uint32_t type) {
    Probe& probe = begin(fmt::format("{} {}", op, type_name(type)));
    const uint32_t a = input(probe, "a", type, shape());
    const uint32_t b = input(probe, "b", type, shape());
    probe.graph.node(op, {a, b}, type, shape());
  }
  void binary_constant(const char* op) {
    Probe& probe = begin(fmt::format("{} float32 and a constant", op));
    const uint32_t a = input(probe, "a", BP_TYPE_FLOAT32, shape());
    const uint32_t b = constant(probe, "b", BP_TYPE_FLOAT32, shape());
    probe.graph.node(op, {a, b}, BP_TYPE_FLOAT32, shape());
  }
  void mat_mul() {
    Probe& probe = begin("MatMul float32");
    const int64_t n = large_ ? 512 : 8;
    const uint32_t a = input(probe, "a", BP_TYPE_FLOAT32, {n, n});
    const uint32_t b = constant(probe, "b", BP_TYPE_FLOAT32, {n, 6});
    probe.graph.node("MatMul", {a, b}, BP_TYPE_FLOAT32, {n, 6});
  }
  void gemm() {
    Probe& probe = begin("Gemm float32");
    const int64_t n = large_ ? 512 : 4;
    const uint32_t a = input(probe, "a", BP_TYPE_FLOAT32, {n, 8});
    const uint32_t b = constant(probe, "b", BP_TYPE_FLOAT32, {8, 6});
    const uint32_t c = constant(probe, "c", BP_TYPE_FLOAT32, {6});
    probe.graph.node("Gemm", {a, b, c}, BP_TYPE_FLOAT32, {n, 6});
  }
  void conv() {
    Probe& probe = begin("Conv float32");
    const int64_t n = large_ ? 128 : 8;
    const uint32_t x = input(probe, "x", BP_TYPE_FLOAT32, {1, 3, n, n});
    const uint32_t w = constant(probe, "w", BP_TYPE_FLOAT32, {4, 3, 3, 3});
    probe.graph.node("Conv", {x, w}, BP_TYPE_FLOAT32, {1, 4, n, n}, {ints("pads", {1, 1, 1, 1})});
  }
  void max_pool() {
    Probe& probe = begin("MaxPool float32");
    const int64_t n = large_ ? 256 : 8;
    const uint32_t x = input(probe, "x", BP_TYPE_FLOAT32, {1, 2, n, n});
    probe.graph.node("MaxPool", {x}, BP_TYPE_FLOAT32, {1, 2, n / 2, n / 2},
                     {ints("kernel_shape", {2, 2}), ints("strides", {2, 2})});
  }
  void softmax() {
    Probe& probe = begin("Softmax float32");
    probe.graph.node("Softmax", {input(probe, "x", BP_TYPE_FLOAT32, shape())}, BP_TYPE_FLOAT32, shape(),
                     {integer("axis", -1)});
  }
  void transpose() {
    Probe& probe = begin("Transpose float32");
    const std::vector<int64_t> dims = shape();
    probe.graph.node("Transpose", {input(probe, "x", BP_TYPE_FLOAT32, dims)}, BP_TYPE_FLOAT32,
                     {dims[2], dims[0], dims[1]}, {ints("perm", {2, 0, 1})});
  }
  void reshape() {
    Probe& probe = begin("Reshape float32");
    const std::vector<int64_t> dims = shape();
    const std::vector<int64_t> flat{dims[0], dims[1] * dims[2]};
    const uint32_t x = input(probe, "x", BP_TYPE_FLOAT32, dims);
    RawTensor to{BP_TYPE_INT64, {2}, {}};
    for (const int64_t dim : flat) put(&to.bytes, dim);
    probe.graph.node("Reshape", {x, probe.graph.constant("shape", to)}, BP_TYPE_FLOAT32, flat);
  }
  void cast() {
    Probe& probe = begin("Cast float32 to int32");
    probe.graph.node("Cast", {input(probe, "x", BP_TYPE_FLOAT32, shape())}, BP_TYPE_INT32, shape(),
                     {integer("to", BP_TYPE_INT32)});
  }
  void chains() {
    for (const char* op : {"Relu", "Neg", "Sigmoid"}) {
      Probe& probe = begin(fmt::format("{} three times", op));
      uint32_t value = input(probe, "x", BP_TYPE_FLOAT32, shape());
      for (int i = 0; i < 3; ++i) value = probe.graph.node(op, {value}, BP_TYPE_FLOAT32, shape());
    }
    {
      Probe& probe = begin("Relu with two readers");
      const uint32_t x = input(probe, "x", BP_TYPE_FLOAT32, shape());
      const uint32_t middle = probe.graph.node("Relu", {x}, BP_TYPE_FLOAT32, shape());
      probe.graph.node("Relu", {middle}, BP_TYPE_FLOAT32, shape());
      probe.graph.node("Relu", {middle}, BP_TYPE_FLOAT32, shape());
      probe.graph.values()[middle].flags |= BP_VALUE_VIEW_OUTPUT;
    }
    {
      Probe& probe = begin("MatMul, Add, Relu, Softmax");
      const uint32_t a = input(probe, "a", BP_TYPE_FLOAT32, {4, 8});
      const uint32_t b = constant(probe, "b", BP_TYPE_FLOAT32, {8, 6});
      const uint32_t c = constant(probe, "c", BP_TYPE_FLOAT32, {6});
      const uint32_t product = probe.graph.node("MatMul", {a, b}, BP_TYPE_FLOAT32, {4, 6});
      const uint32_t sum = probe.graph.node("Add", {product, c}, BP_TYPE_FLOAT32, {4, 6});
      const uint32_t relu = probe.graph.node("Relu", {sum}, BP_TYPE_FLOAT32, {4, 6});
      probe.graph.node("Softmax", {relu}, BP_TYPE_FLOAT32, {4, 6}, {integer("axis", 1)});
    }
    {
      Probe& probe = begin("Conv, Relu, MaxPool");
      const uint32_t x = input(probe, "x", BP_TYPE_FLOAT32, {1, 3, 8, 8});
      const uint32_t w = constant(probe, "w", BP_TYPE_FLOAT32, {4, 3, 3, 3});
      const uint32_t conv =
          probe.graph.node("Conv", {x, w}, BP_TYPE_FLOAT32, {1, 4, 8, 8}, {ints("pads", {1, 1, 1, 1})});
      const uint32_t relu = probe.graph.node("Relu", {conv}, BP_TYPE_FLOAT32, {1, 4, 8, 8});
      probe.graph.node("MaxPool", {relu}, BP_TYPE_FLOAT32, {1, 4, 4, 4},
                       {ints("kernel_shape", {2, 2}), ints("strides", {2, 2})});
    }
  }

  uint32_t level_;
  uint64_t seed_;
  bool large_;
  std::vector<Probe> probes_;
};

}  // namespace

RawTensor random_tensor(uint32_t element_type, std::vector<int64_t> dims, uint64_t seed) {
  RawTensor tensor{element_type, std::move(dims), {}};
  std::mt19937_64 random(seed);
  const uint64_t count = tensor.count();
  const auto integer = [&] { return random() % 8; };
  const auto real = [&] { return static_cast<double>(random() >> 11) * 0x1p-51 - 2.0; };  // [-2, 2)
  for (uint64_t i = 0; i < count; ++i) {
    switch (element_type) {
      case BP_TYPE_FLOAT32:
        put(&tensor.bytes, static_cast<float>(real()));
        break;
      case BP_TYPE_FLOAT64:
        put(&tensor.bytes, real());
        break;
      case BP_TYPE_FLOAT16:  // sign, exponents 2^-3 to 2^0, all fractions
        put(&tensor.bytes, static_cast<uint16_t>((random() & 0x83FF) | ((12 + random() % 4) << 10)));
        break;
      case BP_TYPE_BFLOAT16:
        put(&tensor.bytes, static_cast<uint16_t>((random() & 0x807F) | ((124 + random() % 4) << 7)));
        break;
      case BP_TYPE_BOOL:
        put(&tensor.bytes, static_cast<uint8_t>(random() & 1));
        break;
      default: {
        const uint64_t value = integer();
        tensor.bytes.append(reinterpret_cast<const char*>(&value), bits_of(element_type) / 8);
      }
    }
  }
  return tensor;
}

std::vector<Probe> all_probes(uint32_t canonical_level, uint64_t seed, bool large) {
  return Maker(canonical_level, seed, large).make();
}

bool RawPartitionAnswer::operator==(const RawPartitionAnswer& other) const {
  return status.code == other.status.code && kind == other.kind && split_node == other.split_node &&
         reason_code == other.reason_code && text == other.text;
}

RawPartitionAnswer query_partition(const RawProvider& provider, const RawView& view,
                                   const RawOptions& options) {
  RawPartitionAnswer made;
  const auto ask = BP_FUNCTION(provider->capability, bp_capability_api, query_partition);
  if (ask == nullptr) return made;
  bp_partition_answer answer{};
  answer.struct_size = BP_STRUCT_SIZE(bp_partition_answer, text);
  made.status = provider.call("query_partition",
                              [&] { return ask(provider.device(), view.get(), options.abi(), &answer); });
  made.kind = answer.kind;
  made.split_node = answer.split_node;
  made.reason_code = answer.reason_code;
  made.text = to_text(answer.text);
  return made;
}

std::vector<Probe> supported_probes(const RawProvider& provider, const RawOptions& options, uint64_t seed,
                                    bool large) {
  std::vector<Probe> supported;
  for (Probe& probe : all_probes(provider->canonical_level, seed, large)) {
    const RawView view(probe.graph);
    const RawQuery answer = query(provider, view, options);
    if (!answer.status.ok() || !answer.supports_all(probe.graph.nodes().size())) continue;
    const RawPartitionAnswer whole = query_partition(provider, view, options);
    if (whole.status.ok() && whole.kind == BP_PARTITION_ACCEPT) supported.push_back(std::move(probe));
  }
  return supported;
}

Probe any_probe(const RawProvider& provider, const RawOptions& options, uint64_t seed, bool large) {
  std::vector<Probe> probes = supported_probes(provider, options, seed, large);
  if (probes.empty()) not_applicable("the provider supports none of the graphs that this case knows");
  return std::move(probes.front());
}

Probe probe_with_constant(const RawProvider& provider, const RawOptions& options, uint64_t seed) {
  for (Probe& probe : supported_probes(provider, options, seed)) {
    for (const RawGraph::Value& value : probe.graph.values()) {
      if (value.flags & BP_VALUE_CONSTANT) return std::move(probe);
    }
  }
  not_applicable("the provider supports none of the graphs with constants that this case knows");
}

}  // namespace bp::conformance
