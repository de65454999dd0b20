// RNN, GRU, LSTM.
#include "groups/operators/case_list.hpp"

namespace bp::conformance {
namespace {

struct Kind {
  const char* op_type;
  int64_t gates;
  size_t outputs;
};
constexpr Kind kKinds[] = {{"RNN", 1, 2}, {"GRU", 3, 2}, {"LSTM", 4, 3}};
constexpr int64_t kHidden = 4, kInput = 3;

}  // namespace

void add_recurrent_cases(CaseList& cases) {
  for (const Kind& kind : kKinds) {
    cases.begin(kind.op_type);
    const Attribute hidden{"hidden_size", kHidden};
    const auto weights = [&](int64_t directions) {
      return std::vector<Operand>{data({5, 2, kInput}), fixed(data({directions, kind.gates * kHidden, kInput})),
                                  fixed(data({directions, kind.gates * kHidden, kHidden}))};
    };
    const auto with = [&](int64_t directions, std::vector<Operand> more) {
      std::vector<Operand> inputs = weights(directions);
      inputs.insert(inputs.end(), more.begin(), more.end());
      return inputs;
    };
    const Operand bias = fixed(data({1, 2 * kind.gates * kHidden}));
    const Operand lengths = typed(ElementType::kInt32, listed({2}, {5, 3}));
    const Operand state = data({1, 2, kHidden});
    cases.add_all("plain", weights(1), {hidden}, kind.outputs);
    cases.add("bias", with(1, {bias}), {hidden}, kind.outputs);
    cases.add("initial_state", with(1, {bias, none(), state}), {hidden}, kind.outputs);
    cases.add("lengths", with(1, {bias, lengths}), {hidden}, kind.outputs);
    cases.add("reverse", with(1, {bias, lengths}), {hidden, {"direction", std::string("reverse")}},
              kind.outputs);
    cases.add("both_directions", with(2, {fixed(data({2, 2 * kind.gates * kHidden}))}),
              {hidden, {"direction", std::string("bidirectional")}}, kind.outputs);
    cases.add("clip", with(1, {bias}), {hidden, {"clip", 0.3f}}, kind.outputs);
    std::vector<Operand> batch_first = weights(1);
    batch_first[0] = data({2, 5, kInput});
    cases.add("batch_first", batch_first, {hidden, {"layout", int64_t{1}}}, kind.outputs);
  }
  cases.begin("GRU");
  cases.add(
      "linear_before_reset",
      {data({4, 2, kInput}), fixed(data({1, 12, kInput})), fixed(data({1, 12, kHidden})), fixed(data({1, 24}))},
      {{"hidden_size", kHidden}, {"linear_before_reset", int64_t{1}}}, 2);
  cases.begin("LSTM");
  const std::vector<Operand> all = {data({4, 2, kInput}),
                                    fixed(data({1, 16, kInput})),
                                    fixed(data({1, 16, kHidden})),
                                    fixed(data({1, 32})),
                                    none(),
                                    data({1, 2, kHidden}),
                                    data({1, 2, kHidden}),
                                    fixed(data({1, 12}))};
  cases.add("peepholes", all, {{"hidden_size", kHidden}}, 3);
  cases.add("coupled_gates", all, {{"hidden_size", kHidden}, {"input_forget", int64_t{1}}}, 3);
  cases.begin("RNN");
  cases.add("relu",
            {data({4, 2, kInput}), fixed(data({1, kHidden, kInput})), fixed(data({1, kHidden, kHidden}))},
            {{"hidden_size", kHidden}, {"activations", std::vector<std::string>{"Relu"}}}, 2);
}

}  // namespace bp::conformance
