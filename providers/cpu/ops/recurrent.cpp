// LSTM, GRU and RNN: shapes, activations and weights; kernels/recurrence computes.
#include <algorithm>
#include <array>
#include <cctype>

#include "constants.hpp"
#include "kernels/panel_product.hpp"
#include "kernels/recurrence.hpp"
#include "ops/table.hpp"
#include "options.hpp"

namespace bp::cpu {

namespace {

struct ActivationName {
  std::string_view name;  // lower case
  Activation kind;
  bool has_alpha = false;
  float alpha = 0;
  bool has_beta = false;
  float beta = 0;
};

constexpr ActivationName kActivations[] = {
    {"relu", Activation::kRelu},
    {"tanh", Activation::kTanh},
    {"sigmoid", Activation::kSigmoid},
    {"affine", Activation::kAffine, true, 1, true, 0},
    {"leakyrelu", Activation::kLeakyRelu, true, 0.01f},
    {"thresholdedrelu", Activation::kThresholdedRelu, true, 1},
    {"scaledtanh", Activation::kScaledTanh, true, 1, true, 1},
    {"hardsigmoid", Activation::kHardSigmoid, true, 0.2f, true, 0.5f},
    {"elu", Activation::kElu, true, 1},
    {"softsign", Activation::kSoftsign},
    {"softplus", Activation::kSoftplus},
};

const ActivationName* find_activation(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  const auto* found = std::find_if(std::begin(kActivations), std::end(kActivations),
                                   [&](const ActivationName& known) { return known.name == name; });
  return found == std::end(kActivations) ? nullptr : found;
}

CellKind kind_of(const Node& node) {
  if (node.op_type == "LSTM") return CellKind::kLstm;
  return node.op_type == "GRU" ? CellKind::kGru : CellKind::kRnn;
}

// Of one direction.
size_t activation_count(CellKind kind) { return kind == CellKind::kLstm ? 3 : kind == CellKind::kGru ? 2 : 1; }

size_t direction_count(const Node& node) {
  return node.attributes.string_or("direction", "forward") == "bidirectional" ? 2 : 1;
}

std::vector<std::string> activation_names(const Node& node) {
  std::vector<std::string> names = node.attributes.strings("activations");
  if (!names.empty()) return names;
  for (size_t d = 0; d < direction_count(node); ++d) {
    if (kind_of(node) != CellKind::kRnn) names.emplace_back("Sigmoid");
    names.emplace_back("Tanh");
    if (kind_of(node) == CellKind::kLstm) names.emplace_back("Tanh");
  }
  return names;
}

void check_recurrent(Check& check) {
  for (size_t i = 0; i < 3; ++i) check.required(i);
  const size_t lengths = 4;
  for (size_t i = 0; i < check.input_count(); ++i) {
    check.types(i, i == lengths ? mask(Type::kInt32) : kFloats);
  }
  check.string_attribute("direction", "forward", {"forward", "reverse", "bidirectional"});
  const std::vector<std::string> names = activation_names(check.node);
  for (const std::string& name : names) {
    if (find_activation(name) == nullptr) {
      check.reject_attribute("activations", text("activation '", name, "' is unknown"));
    }
  }
  const size_t expected = activation_count(kind_of(check.node)) * direction_count(check.node);
  if (names.size() != expected) {
    check.reject_attribute("activations",
                           text(expected, " activations are expected, ", names.size(), " are given"));
  }
}

// Scales are taken from their lists by the activations that have one, in order.
void set_activations(const Node& node, Recurrence& what) {
  const std::vector<float> alphas = node.attributes.floats_or("activation_alpha", {});
  const std::vector<float> betas = node.attributes.floats_or("activation_beta", {});
  const std::vector<std::string> names = activation_names(node);
  size_t alpha = 0;
  size_t beta = 0;
  for (size_t i = 0; i < names.size(); ++i) {
    const ActivationName& known = *find_activation(names[i]);
    CellActivation activation{known.kind, known.alpha, known.beta};
    if (known.has_alpha && alpha < alphas.size()) activation.alpha = alphas[alpha++];
    if (known.has_beta && beta < betas.size()) activation.beta = betas[beta++];
    const size_t per_direction = activation_count(what.kind);
    what.cells[i / per_direction].activations[i % per_direction] = activation;
  }
}

void expect_dims(const Builder& b, size_t input, const Dims& expected) {
  if (!b.has_input(input) || b.input_dims(input) == expected) return;
  b.fail(
      text("input ", input, " must have dims ", dims_text(expected), ", has ", dims_text(b.input_dims(input))));
}

Recurrence describe(const Builder& b) {
  Recurrence what;
  what.kind = kind_of(b.node());
  what.type = b.input_type(0);
  // How a batch is cut follows the threads, and a row that is left alone adds in an order of its own.
  what.threads = b.options().deterministic ? 1 : b.threads();
  for (size_t i = 0; i < 3; ++i) {
    if (b.rank(i) != 3) b.fail(text("input ", i, " must have 3 dims, has ", b.rank(i)));
  }
  const Attributes& attributes = b.attributes();
  what.batch_first = attributes.int_or("layout", 0) != 0;
  const Dims& x = b.input_dims(0);
  what.length = x[what.batch_first ? 1 : 0];
  what.batch = x[what.batch_first ? 0 : 1];
  what.input = x[2];
  what.size = b.input_dims(2)[2];
  if (const int64_t stated = attributes.int_or("hidden_size", what.size); stated != what.size) {
    b.fail(text("hidden_size is ", stated, ", but input 2 has dims ", dims_text(b.input_dims(2))));
  }
  what.directions = static_cast<int64_t>(direction_count(b.node()));
  what.reverse = attributes.string_or("direction", "forward") == "reverse";
  const int64_t gates = what.gates() * what.size;
  expect_dims(b, 1, {what.directions, gates, what.input});
  expect_dims(b, 2, {what.directions, gates, what.size});
  expect_dims(b, 3, {what.directions, 2 * gates});
  expect_dims(b, 4, {what.batch});
  const Dims state = what.batch_first ? Dims{what.batch, what.directions, what.size}
                                      : Dims{what.directions, what.batch, what.size};
  expect_dims(b, 5, state);
  expect_dims(b, 6, state);
  expect_dims(b, 7, {what.directions, 3 * what.size});
  for (CellShape& cell : what.cells) {
    cell.size = what.size;
    cell.clip = attributes.float_or("clip", 0);
    cell.input_forget = attributes.int_or("input_forget", 0) != 0;
    cell.linear_before_reset = what.kind == CellKind::kGru && attributes.int_or("linear_before_reset", 0) != 0;
  }
  set_activations(b.node(), what);
  return what;
}

// Weights that are constant are packed once for all shapes.
Builder::Ref packed_constant(Builder& b, size_t input, const Recurrence& what, uint64_t bytes,
                             void (*pack)(const Recurrence&, const void*, void*)) {
  const uint64_t id = b.graph().values[b.node().inputs[input]].constant_id;
  const std::string key = text(id, "/recurrent/", what.directions, "/", what.gates(), "/", what.two_products(),
                               "/", panel_kernels<float>().width);
  Constants& constants = b.constants();
  return b.packed_ref(key, bytes, [=, &constants](void* target) {
    constants.with_bytes(id, [&](const HostTensor& source) { pack(what, source.data, target); });
  });
}

void build_recurrent(Builder& b) {
  Recurrence what = describe(b);
  what.packed_w = b.is_constant(1);
  what.packed_r = b.is_constant(2);
  const Dims state = what.batch_first ? Dims{what.batch, what.directions, what.size}
                                      : Dims{what.directions, what.batch, what.size};
  const Dims all = what.batch_first ? Dims{what.batch, what.length, what.directions, what.size}
                                    : Dims{what.length, what.directions, what.batch, what.size};
  std::array<Builder::Ref, Recurrence::kOperands> operands;
  for (size_t i = 0; i < 8; ++i) {
    if (!b.has_input(i) || (i == 1 && what.packed_w) || (i == 2 && what.packed_r)) continue;
    operands[i] = b.read(b.node().inputs[i], Layout::kPlain);
  }
  bool empty = true;
  for (size_t i = 0; i < b.output_count() && i < 3; ++i) {
    if (!b.has_output(i)) continue;
    const Dims& dims = i == 0 ? all : state;
    empty = empty && element_count(dims) == 0;
    operands[Recurrence::kY + i] = b.write(b.node().outputs[i], dims, Layout::kPlain);
  }
  if (empty) return;
  if (what.packed_w) {
    operands[Recurrence::kW] = packed_constant(b, 1, what, packed_input_bytes(what), pack_input);
  }
  if (what.packed_r) {
    operands[Recurrence::kR] = packed_constant(b, 2, what, packed_state_bytes(what), pack_state);
  }
  operands[Recurrence::kScratch] = b.scratch_ref(recurrence_scratch_bytes(what));
  Builder::RawStep step;
  step.kernel = make_recurrence(what);
  step.operands.assign(operands.begin(), operands.end());
  step.name = b.node().op_type;
  step.implementation = "panels";
  step.nodes = {b.node_index()};
  b.raw_step(std::move(step));
}

constexpr Row kRows[] = {
    {"LSTM", check_recurrent, build_recurrent, 7, LayoutUse::kOwn},
    {"GRU", check_recurrent, build_recurrent, 7, LayoutUse::kOwn},
    {"RNN", check_recurrent, build_recurrent, 7, LayoutUse::kOwn},
};

}  // namespace

std::span<const Row> recurrent_rows() { return kRows; }

}  // namespace bp::cpu
