// Runs a small graph through the CPU provider's C ABI, without the core: a host table of the test's own, a
// graph view built from a short description, then query, compile, specialize, bind, run and comparison.
//
//   TestGraph graph;
//   const auto x = graph.input(tensor<float>({2, 2}, {1, -2, 3, -4}));
//   const auto y = graph.node("Relu", {x});
//   graph.expect(y, tensor<float>({2, 2}, {1, 0, 3, 0}));
//   graph.run();
#pragma once

#include <backplane/provider/provider.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <string>
#include <type_traits>
#include <variant>
#include <vector>

#include "types.hpp"

namespace bp::cpu::test {

struct TestTensor {
  Type type = Type::kUndefined;
  Dims dims;
  std::vector<std::byte> bytes;  // of strings: the offsets
  std::string characters;        // of strings

  double at(size_t index) const;  // any number type
};

template <class T>
constexpr Type type_of() {
  if constexpr (std::is_same_v<T, float>) return Type::kFloat32;
  if constexpr (std::is_same_v<T, double>) return Type::kFloat64;
  if constexpr (std::is_same_v<T, Half>) return Type::kFloat16;
  if constexpr (std::is_same_v<T, Bfloat16>) return Type::kBfloat16;
  if constexpr (std::is_same_v<T, int8_t>) return Type::kInt8;
  if constexpr (std::is_same_v<T, int16_t>) return Type::kInt16;
  if constexpr (std::is_same_v<T, int32_t>) return Type::kInt32;
  if constexpr (std::is_same_v<T, int64_t>) return Type::kInt64;
  if constexpr (std::is_same_v<T, uint8_t>) return Type::kUint8;
  if constexpr (std::is_same_v<T, uint16_t>) return Type::kUint16;
  if constexpr (std::is_same_v<T, uint32_t>) return Type::kUint32;
  if constexpr (std::is_same_v<T, uint64_t>) return Type::kUint64;
  if constexpr (std::is_same_v<T, bool>) return Type::kBool;
}

template <class T>
TestTensor tensor(Dims dims, const std::vector<T>& values) {
  TestTensor result{type_of<T>(), std::move(dims), std::vector<std::byte>(values.size() * sizeof(T)), {}};
  for (size_t i = 0; i < values.size(); ++i) {
    const T value = values[i];
    std::memcpy(result.bytes.data() + i * sizeof(T), &value, sizeof(T));
  }
  return result;
}

TestTensor strings(Dims dims, const std::vector<std::string>& values);

// A tensor of a narrow type, as its bytes cross: packed low bits first, or one code to a byte.
inline TestTensor coded(Type type, Dims dims, const std::vector<uint8_t>& bytes) {
  TestTensor result = tensor<uint8_t>(std::move(dims), bytes);
  result.type = type;
  return result;
}

// A tensor of `dims` whose elements are made-up numbers in [-1, 1], the same for the same seed.
TestTensor made_up(Dims dims, uint32_t seed = 1);

using TestAttribute = std::variant<int64_t, int, float, double, const char*, std::string, std::vector<int64_t>,
                                   std::vector<float>, std::vector<std::string>, TestTensor>;
using TestAttributes = std::map<std::string, TestAttribute>;

// What is known of a node's output before the run; rank -1: unknown.
struct TestOutput {
  Type type;
  Dims dims = {};
  bool has_rank = false;
  bool data_dependent = false;
};

class TestGraph {
 public:
  using Ref = uint32_t;
  static constexpr Ref kOmitted = BP_NONE;

  Ref input(TestTensor tensor);     // in memory at run
  Ref known(TestTensor tensor);     // an input whose contents the host knows at specialize
  Ref constant(TestTensor tensor);  // at an odd address, as in a model file
  // A node with one output, which has the type of the first input and its rank, or is as `output` says.
  Ref node(const std::string& op_type, std::vector<Ref> inputs, TestAttributes attributes = {});
  Ref node(const std::string& op_type, std::vector<Ref> inputs, TestAttributes attributes, TestOutput output);
  std::vector<Ref> nodes(const std::string& op_type, std::vector<Ref> inputs, TestAttributes attributes,
                         std::vector<TestOutput> outputs, const std::string& domain = "",
                         int32_t since_version = 22);
  // The value is an output of the graph and equals `expected` within tolerance * (1 + |expected|).
  void expect(Ref value, TestTensor expected, double tolerance = 1e-5);
  // The value is an output of the graph, with these dims where it is run; what it holds is returned by run()
  // only.
  void output(Ref value, Dims dims = {});

  void set_threads(uint32_t threads) {
#ifdef __SANITIZE_THREAD__
    threads = 1;  // OpenMP's runtime is not built with the sanitizer: every team looks like a race
#endif
    threads_ = threads;
  }
  void set_option(const std::string& name, bool value) { options_[name] = value; }
  void choose(const std::string& option, const std::string& value) { choices_[option] = value; }

  // Compiles and runs twice through one context, checks what was expected, fails the test where anything is
  // wrong. Returns the outputs in the order of expect() and output().
  std::vector<TestTensor> run();
  // The reasons for which the provider rejects node `index`, joined by "; "; empty when it takes it.
  std::string reasons(size_t index = 0);
  // Compiles and specializes; the message of the error, empty without one.
  std::string specialize_error();
  // Names of the steps of the last run: "Conv+Relu".
  const std::vector<std::string>& steps() const { return steps_; }

 private:
  struct View;
  enum class Kind { kInput, kKnown, kConstant, kNode };
  struct Value {
    Kind kind;
    TestOutput info;
    TestTensor tensor;
    uint32_t producer = BP_NONE;
  };
  struct Node {
    std::string op_type;
    std::string domain;
    int32_t since_version;
    std::vector<Ref> inputs;
    std::vector<Ref> outputs;
    TestAttributes attributes;
  };
  struct Expected {
    Ref value;
    bool compared;
    TestTensor tensor;
    double tolerance;
  };
  Ref add(Kind kind, TestTensor tensor);

  std::deque<Value> values_;
  std::vector<Node> nodes_;
  std::vector<Expected> expected_;
  std::map<std::string, bool> options_;
  std::map<std::string, std::string> choices_;
  std::vector<std::string> steps_;
  uint32_t threads_ = 1;
};

}  // namespace bp::cpu::test
