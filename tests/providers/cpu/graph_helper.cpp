// Builds graph views for the provider's tests and runs them.
#include "providers/cpu/graph_helper.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <random>
#include <set>

#include "providers/cpu/host_helper.hpp"
#include "providers/cpu/in_place_helper.hpp"

namespace bp::cpu::test {

namespace {

size_t over_inputs = 0;

bp_string abi_text(const std::string& string) { return {string.data(), string.size()}; }

template <class T>
bp_array list_of(const std::vector<T>& items) {
  return {items.data(), items.size(), sizeof(T)};
}

struct Opened {
  bp_provider* provider = nullptr;
  bp_device device = nullptr;
  Opened() {
    EXPECT_EQ(bp_provider_open_v1(test_host(), 0, 0, &provider), BP_STATUS_OK);
    uint32_t count = 0;
    EXPECT_EQ(provider->device->list(provider->self, 1, &device, &count, nullptr), nullptr);
  }
  ~Opened() { provider->close(provider); }
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;
};

}  // namespace

double TestTensor::at(size_t index) const {
  double result = 0;
  EXPECT_TRUE((dispatch<kFixedSize>(type, [&]<class T>(Tag<T>) {
    T value;
    std::memcpy(&value, bytes.data() + index * sizeof(T), sizeof(T));
    result = static_cast<double>(value);
  })));
  return result;
}

TestTensor strings(Dims dims, const std::vector<std::string>& values) {
  TestTensor result{
      Type::kString, std::move(dims), std::vector<std::byte>((values.size() + 1) * sizeof(uint64_t)), {}};
  for (size_t i = 0; i < values.size(); ++i) {
    result.characters += values[i];
    const uint64_t end = result.characters.size();
    std::memcpy(result.bytes.data() + (i + 1) * sizeof(uint64_t), &end, sizeof end);
  }
  return result;
}

TestTensor made_up(Dims dims, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<float> values(static_cast<size_t>(element_count(dims)));
  for (float& value : values) value = static_cast<float>(random() % 2001) / 1000.0f - 1.0f;
  return tensor<float>(std::move(dims), values);
}

// The ABI's structs and everything that they point to.
struct TestGraph::View {
  explicit View(const TestGraph& graph);

  HostConstants constants;
  std::deque<std::vector<bp_dim>> dims;
  std::deque<std::vector<bp_attribute>> attributes;
  std::deque<bp_tensor> tensors;
  std::deque<std::string> texts;
  std::deque<std::vector<bp_string>> text_lists;
  std::vector<bp_value> values;
  std::vector<bp_node> nodes;
  std::vector<uint32_t> inputs;
  std::vector<uint32_t> outputs;
  std::vector<bp_option> options;
  bp_graph graph{};

 private:
  bp_attribute attribute(const std::string& name, const TestAttribute& value);
};

TestGraph::View::View(const TestGraph& source) {
  for (uint32_t index = 0; index < source.values_.size(); ++index) {
    const TestGraph::Value& from = source.values_[index];
    bp_value value{};
    value.struct_size = BP_STRUCT_SIZE(bp_value, size_bytes);
    value.name = abi_text(texts.emplace_back("v" + std::to_string(index)));
    value.element_type = static_cast<uint32_t>(from.info.type);
    value.has_rank = from.info.has_rank ? 1 : 0;
    auto& list = dims.emplace_back();
    for (const int64_t dim : from.info.dims) {
      bp_dim one{};
      one.size = dim;
      one.min_size = dim;
      one.max_size = dim;
      list.push_back(one);
    }
    value.dims = list_of(list);
    value.producer = from.producer;
    if (from.info.data_dependent) value.flags |= BP_VALUE_DATA_DEPENDENT;
    if (from.kind == Kind::kConstant) {
      value.flags |= BP_VALUE_CONSTANT;
      value.constant_id = constants.entries.size();
      value.size_bytes = from.tensor.bytes.size();
      HostConstants::Entry entry{
          static_cast<uint32_t>(from.tensor.type), from.tensor.dims, {}, from.tensor.characters, 0};
      entry.bytes.resize(from.tensor.bytes.size() + 1);
      if (!from.tensor.bytes.empty()) {
        std::memcpy(entry.bytes.data() + 1, from.tensor.bytes.data(), from.tensor.bytes.size());
      }
      constants.entries.push_back(std::move(entry));
    }
    if (from.kind == Kind::kInput || from.kind == Kind::kKnown) {
      value.flags |= BP_VALUE_VIEW_INPUT;
      inputs.push_back(index);
    }
    if (from.kind == Kind::kKnown) value.flags |= BP_VALUE_HOST_VALUE;
    values.push_back(value);
  }
  for (const Expected& expected : source.expected_) {
    values[expected.value].flags |= BP_VALUE_VIEW_OUTPUT;
    outputs.push_back(expected.value);
  }
  for (uint32_t index = 0; index < source.nodes_.size(); ++index) {
    const TestGraph::Node& from = source.nodes_[index];
    bp_node node{};
    node.struct_size = BP_STRUCT_SIZE(bp_node, attributes);
    node.since_version = from.since_version;
    node.name = abi_text(texts.emplace_back("n" + std::to_string(index)));
    node.domain = abi_text(from.domain);
    node.op_type = abi_text(from.op_type);
    node.inputs = list_of(from.inputs);
    node.outputs = list_of(from.outputs);
    auto& list = attributes.emplace_back();
    for (const auto& [name, value] : from.attributes) list.push_back(attribute(name, value));
    node.attributes = list_of(list);
    nodes.push_back(node);
  }
  for (const auto& [name, on] : source.options_) {
    bp_option option{};
    option.struct_size = BP_STRUCT_SIZE(bp_option, string_value);
    option.kind = BP_OPTION_BOOL;
    option.name = abi_text(name);
    option.int_value = on ? 1 : 0;
    options.push_back(option);
  }
  for (const auto& [name, choice] : source.choices_) {
    bp_option option{};
    option.struct_size = BP_STRUCT_SIZE(bp_option, string_value);
    option.kind = BP_OPTION_CHOICE;
    option.name = abi_text(name);
    option.string_value = abi_text(choice);
    options.push_back(option);
  }
  graph.struct_size = BP_STRUCT_SIZE(bp_graph, host_graph);
  graph.canonical_level = 22;
  graph.nodes = list_of(nodes);
  graph.values = list_of(values);
  graph.inputs = list_of(inputs);
  graph.outputs = list_of(outputs);
  graph.constants = reinterpret_cast<bp_constants>(&constants);
}

bp_attribute TestGraph::View::attribute(const std::string& name, const TestAttribute& value) {
  bp_attribute result{};
  result.struct_size = BP_STRUCT_SIZE(bp_attribute, list);
  result.name = abi_text(name);
  const auto set_int = [&](int64_t number) {
    result.kind = BP_ATTRIBUTE_INT;
    result.int_value = number;
  };
  const auto set_float = [&](float number) {
    result.kind = BP_ATTRIBUTE_FLOAT;
    result.float_value = number;
  };
  const auto set_text = [&](const std::string& string) {
    result.kind = BP_ATTRIBUTE_STRING;
    result.string_value = abi_text(texts.emplace_back(string));
  };
  std::visit(
      [&](const auto& held) {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_integral_v<T>) {
          set_int(held);
        } else if constexpr (std::is_floating_point_v<T>) {
          set_float(static_cast<float>(held));
        } else if constexpr (std::is_same_v<T, std::vector<int64_t>>) {
          result.kind = BP_ATTRIBUTE_INTS;
          result.list = list_of(held);
        } else if constexpr (std::is_same_v<T, std::vector<float>>) {
          result.kind = BP_ATTRIBUTE_FLOATS;
          result.list = list_of(held);
        } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
          std::vector<bp_string>& list = text_lists.emplace_back();
          for (const std::string& text : held) list.push_back(abi_text(text));
          result.kind = BP_ATTRIBUTE_STRINGS;
          result.list = list_of(list);
        } else if constexpr (std::is_same_v<T, TestTensor>) {
          bp_tensor tensor{};
          tensor.struct_size = BP_STRUCT_SIZE(bp_tensor, string_size_bytes);
          tensor.element_type = static_cast<uint32_t>(held.type);
          tensor.dims = list_of(held.dims);
          tensor.data = held.bytes.data();
          tensor.size_bytes = held.bytes.size();
          tensor.string_bytes = held.characters.data();
          tensor.string_size_bytes = held.characters.size();
          result.kind = BP_ATTRIBUTE_TENSOR;
          result.list = {&tensors.emplace_back(tensor), 1, sizeof(bp_tensor)};
        } else {
          set_text(held);
        }
      },
      value);
  return result;
}

TestGraph::Ref TestGraph::add(Kind kind, TestTensor content) {
  TestOutput info{content.type, content.dims, true, false};
  values_.push_back({kind, std::move(info), std::move(content), BP_NONE});
  return static_cast<Ref>(values_.size() - 1);
}

TestGraph::Ref TestGraph::input(TestTensor content) { return add(Kind::kInput, std::move(content)); }
TestGraph::Ref TestGraph::known(TestTensor content) { return add(Kind::kKnown, std::move(content)); }
TestGraph::Ref TestGraph::constant(TestTensor content) { return add(Kind::kConstant, std::move(content)); }

TestGraph::Ref TestGraph::node(const std::string& op_type, std::vector<Ref> inputs, TestAttributes attributes) {
  TestOutput info = values_[inputs.at(0)].info;
  for (int64_t& dim : info.dims) dim = -1;
  return node(op_type, std::move(inputs), std::move(attributes), std::move(info));
}

TestGraph::Ref TestGraph::node(const std::string& op_type, std::vector<Ref> inputs, TestAttributes attributes,
                               TestOutput output) {
  return nodes(op_type, std::move(inputs), std::move(attributes), {std::move(output)}).front();
}

std::vector<TestGraph::Ref> TestGraph::nodes(const std::string& op_type, std::vector<Ref> inputs,
                                             TestAttributes attributes, std::vector<TestOutput> outputs,
                                             const std::string& domain, int32_t since_version) {
  std::vector<Ref> refs;
  for (TestOutput& output : outputs) {
    output.has_rank = output.has_rank || !output.dims.empty();
    values_.push_back({Kind::kNode, std::move(output), {}, static_cast<uint32_t>(nodes_.size())});
    refs.push_back(static_cast<Ref>(values_.size() - 1));
  }
  nodes_.push_back({op_type, domain, since_version, std::move(inputs), refs, std::move(attributes)});
  return refs;
}

void TestGraph::expect(Ref value, TestTensor expected, double tolerance) {
  expected_.push_back({value, true, std::move(expected), tolerance});
}

void TestGraph::output(Ref value, Dims dims) {
  TestTensor shape;
  shape.dims = std::move(dims);
  expected_.push_back({value, false, std::move(shape), 0});
}

std::string TestGraph::reasons(size_t index) {
  const Opened opened;
  const View view(*this);
  struct Collected {
    size_t index;
    std::string text;
    bool seen = false;
  } collected{index, {}, false};
  bp_verdict_sink sink{};
  sink.struct_size = BP_STRUCT_SIZE(bp_verdict_sink, report);
  sink.user = &collected;
  sink.report = [](void* user, const bp_verdict* verdict) {
    auto& to = *static_cast<Collected*>(user);
    if (verdict->node != to.index) return;
    to.seen = true;
    EXPECT_EQ(verdict->kind == BP_VERDICT_REJECTED, verdict->reasons.count > 0);
    for (uint64_t i = 0; i < verdict->reasons.count; ++i) {
      const bp_string text = BP_AT(bp_reason, verdict->reasons, i)->text;
      if (i > 0) to.text += "; ";
      to.text.append(text.data, text.size);
    }
  };
  EXPECT_EQ(take_message(
                opened.provider->capability->query(opened.device, &view.graph, list_of(view.options), &sink)),
            "");
  EXPECT_TRUE(collected.seen);
  return collected.text;
}

namespace {

// Everything from compile to run; on an error `error` says which.
struct Session {
  explicit Session(bp_provider* owner) : api(owner->program) {}
  ~Session() {
    if (context != nullptr) api->release_context(context);
    if (instance != nullptr) api->release_instance(instance);
    if (program != nullptr) api->release_program(program);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const bp_program_api* api;
  bp_program program = nullptr;
  bp_instance instance = nullptr;
  bp_context context = nullptr;
  bp_instance_info info{};
  std::string error;

  void prepare(bp_device device, const bp_graph& graph, bp_array options, uint32_t threads, bp_array inputs,
               bp_array outputs) {
    bp_compile_args compile{};
    compile.struct_size = BP_STRUCT_SIZE(bp_compile_args, progress);
    compile.thread_count = threads;
    compile.partition = &graph;
    compile.options = options;
    error = take_message(api->compile(device, &compile, &program));
    if (program == nullptr) return;
    bp_specialize_args args{};
    args.struct_size = BP_STRUCT_SIZE(bp_specialize_args, progress);
    args.thread_count = threads;
    args.inputs = inputs;
    args.outputs = outputs;
    info.struct_size = BP_STRUCT_SIZE(bp_instance_info, context_bytes);
    error = take_message(api->specialize(program, &args, &instance, &info));
    if (instance == nullptr) return;
    error = take_message(api->create_context(instance, &context));
  }
};

bp_slice slice_of(void* data, uint64_t size) {
  return {nullptr, static_cast<uint64_t>(reinterpret_cast<uintptr_t>(data)), 0, size};
}

void compare(const TestTensor& found, const TestTensor& expected, double tolerance) {
  EXPECT_EQ(found.type, expected.type);
  ASSERT_EQ(found.dims, expected.dims);
  if (expected.type == Type::kString) {
    ASSERT_EQ(found.characters, expected.characters);
    ASSERT_EQ(found.bytes, expected.bytes);
    return;
  }
  if ((mask(expected.type) & kNarrow) != 0) {
    ASSERT_EQ(found.bytes, expected.bytes);
    return;
  }
  const auto count = static_cast<size_t>(element_count(expected.dims));
  for (size_t i = 0; i < count; ++i) {
    const double want = expected.at(i);
    const double have = found.at(i);
    if (std::isnan(want) ? std::isnan(have) : have == want) continue;
    ASSERT_LE(std::abs(have - want), tolerance * (1 + std::abs(want))) << "element " << i << " of " << count;
  }
}

bp_tensor tensor_view(const TestTensor& from) {
  bp_tensor tensor{};
  tensor.struct_size = BP_STRUCT_SIZE(bp_tensor, string_size_bytes);
  tensor.element_type = static_cast<uint32_t>(from.type);
  tensor.dims = list_of(from.dims);
  tensor.data = from.bytes.data();
  tensor.size_bytes = from.bytes.size();
  return tensor;
}

bp_tensor_spec spec_of(const TestTensor& from) {
  bp_tensor_spec spec{};
  spec.struct_size = BP_STRUCT_SIZE(bp_tensor_spec, value);
  spec.element_type = static_cast<uint32_t>(from.type);
  spec.dims = list_of(from.dims);
  return spec;
}

// 64-byte aligned memory of exactly `size` bytes, so that AddressSanitizer sees a write past its end.
struct Memory {
  explicit Memory(uint64_t size) : data(static_cast<std::byte*>(::operator new (size, std::align_val_t{64}))) {
    std::memset(data, 0x5A, size);
  }
  ~Memory() { ::operator delete (data, std::align_val_t{64}); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  std::byte* data;
};

}  // namespace

std::string TestGraph::specialize_error() {
  const Opened opened;
  const View view(*this);
  std::deque<bp_tensor> contents;
  std::vector<bp_tensor_spec> inputs;
  for (const uint32_t input : view.inputs) {
    inputs.push_back(spec_of(values_[input].tensor));
    if (values_[input].kind == Kind::kKnown) {
      inputs.back().value = &contents.emplace_back(tensor_view(values_[input].tensor));
    }
  }
  Session session(opened.provider);
  session.prepare(opened.device, view.graph, list_of(view.options), threads_, list_of(inputs), {});
  return session.error;
}

size_t outputs_over_inputs() { return over_inputs; }

std::vector<TestTensor> TestGraph::run() {
  for (size_t index = 0; index < nodes_.size(); ++index) {
    EXPECT_EQ(reasons(index), "") << nodes_[index].op_type;
  }
  const Opened opened;
  View view(*this);
  std::vector<TestTensor> results;
  {
    std::deque<bp_tensor> contents;
    std::vector<bp_tensor_spec> inputs;
    std::vector<bp_tensor_spec> outputs;
    for (const uint32_t input : view.inputs) {
      inputs.push_back(spec_of(values_[input].tensor));
      if (values_[input].kind == Kind::kKnown) {
        inputs.back().value = &contents.emplace_back(tensor_view(values_[input].tensor));
      }
    }
    for (const Expected& expected : expected_) {
      if (expected.compared && !values_[expected.value].info.data_dependent) {
        outputs.push_back(spec_of(expected.tensor));
      }
    }
    if (outputs.size() != expected_.size()) outputs.clear();
    Session session(opened.provider);
    session.prepare(opened.device, view.graph, list_of(view.options), threads_, list_of(inputs),
                    list_of(outputs));
    EXPECT_EQ(session.error, "");
    if (session.context == nullptr) return results;

    steps_.clear();
    bp_step_sink sink{};
    sink.struct_size = BP_STRUCT_SIZE(bp_step_sink, report);
    sink.user = &steps_;
    sink.report = [](void* user, const bp_step* step) {
      static_cast<std::vector<std::string>*>(user)->emplace_back(step->name.data, step->name.size);
    };
    EXPECT_EQ(take_message(session.api->describe(session.instance, &sink)), "");

    // Two runs at different addresses: the second must not remember the first. In the second, outputs lie over
    // the inputs whose memory they may take.
    for (int round = 0; round < 2; ++round) {
      std::deque<Memory> memory;
      std::deque<std::vector<int64_t>> true_dims;
      std::vector<bp_tensor_binding> in;
      std::vector<bp_tensor_binding> out;
      std::set<uint32_t> overwritten;
      for (const uint32_t input : view.inputs) {
        const TestTensor& from = values_[input].tensor;
        Memory& to = memory.emplace_back(from.bytes.size());
        if (!from.bytes.empty()) std::memcpy(to.data, from.bytes.data(), from.bytes.size());
        bp_tensor_binding binding{};
        binding.struct_size = BP_STRUCT_SIZE(bp_tensor_binding, actual_dims);
        binding.rank = static_cast<uint32_t>(from.dims.size());
        binding.data = slice_of(to.data, from.bytes.size());
        Memory& characters = memory.emplace_back(from.characters.size());
        if (!from.characters.empty())
          std::memcpy(characters.data, from.characters.data(), from.characters.size());
        binding.string_bytes = slice_of(characters.data, from.characters.size());
        binding.dims = from.dims.data();
        in.push_back(binding);
      }
      for (uint32_t i = 0; i < expected_.size(); ++i) {
        const auto* output = BP_AT(bp_output_info, session.info.outputs, i);
        Memory& to = memory.emplace_back(output->size_bytes);
        bp_tensor_binding binding{};
        binding.struct_size = BP_STRUCT_SIZE(bp_tensor_binding, actual_dims);
        binding.data = slice_of(to.data, output->size_bytes);
        const uint32_t over = output->in_place_input;
        if (round == 1 && over != BP_NONE &&
            values_[view.inputs[over]].tensor.bytes.size() == output->size_bytes) {
          binding.data = in[over].data;
          overwritten.insert(over);
        }
        auto& dims = true_dims.emplace_back(expected_[i].tensor.dims.size(), -1);
        if (output->mode == BP_OUTPUT_BOUNDED) {
          binding.actual_dims = slice_of(dims.data(), dims.size() * sizeof(int64_t));
        } else {
          dims = expected_[i].tensor.dims;
        }
        out.push_back(binding);
      }
      over_inputs = overwritten.size();
      Memory workspace(session.info.workspace_bytes);
      bp_binding binding{};
      binding.struct_size = BP_STRUCT_SIZE(bp_binding, workspace);
      binding.inputs = list_of(in);
      binding.outputs = list_of(out);
      binding.workspace = slice_of(workspace.data, session.info.workspace_bytes);
      EXPECT_EQ(take_message(session.api->bind(session.context, &binding)), "");
      bp_run_args args{};
      args.struct_size = BP_STRUCT_SIZE(bp_run_args, token);
      HostRun host_run;
      args.token = reinterpret_cast<bp_run_token>(&host_run);
      EXPECT_EQ(take_message(session.api->run(session.context, &args)), "");

      results.clear();
      for (uint32_t i = 0; i < expected_.size(); ++i) {
        const auto* output = BP_AT(bp_output_info, session.info.outputs, i);
        TestTensor result{values_[expected_[i].value].info.type, true_dims[i], {}, {}};
        if (output->mode == BP_OUTPUT_ALLOCATED) {
          const HostRun::Output& made = host_run.outputs[i];
          result.dims = made.dims;
          result.bytes = made.bytes;
          result.characters = made.characters;
          if (expected_[i].compared) compare(result, expected_[i].tensor, 0);
          results.push_back(std::move(result));
          continue;
        }
        uint64_t bytes = output->size_bytes;
        if (output->mode == BP_OUTPUT_BOUNDED) {
          bytes = static_cast<uint64_t>(element_count(result.dims)) * element_size(result.type);
        }
        const auto* data = reinterpret_cast<const std::byte*>(static_cast<uintptr_t>(out[i].data.address));
        result.bytes.assign(data, data + bytes);
        if (expected_[i].compared) {
          EXPECT_EQ(bytes, expected_[i].tensor.bytes.size());
          if (bytes == expected_[i].tensor.bytes.size()) {
            compare(result, expected_[i].tensor, expected_[i].tolerance);
          }
        }
        results.push_back(std::move(result));
      }
      for (size_t i = 0; i < view.inputs.size(); ++i) {
        const TestTensor& from = values_[view.inputs[i]].tensor;
        if (from.bytes.empty() || overwritten.contains(static_cast<uint32_t>(i))) continue;
        EXPECT_EQ(std::memcmp(memory[2 * i].data, from.bytes.data(), from.bytes.size()), 0)
            << "input " << i << " was changed";
      }
    }
  }
  for (size_t id = 0; id < view.constants.entries.size(); ++id) {
    EXPECT_EQ(view.constants.entries[id].acquired, 0) << "constant " << id << " was not released";
  }
  return results;
}

}  // namespace bp::cpu::test
