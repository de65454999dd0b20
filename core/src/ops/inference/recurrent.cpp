// RNN, GRU, LSTM: X [seq, batch, input] (layout 0) or [batch, seq, input] (layout 1).
#include "ops/inference/families.hpp"

namespace bp::inference {

Status rnn(InferenceCall& call) {
  for (size_t i = 0; i < call.outputs.size(); ++i) call.set(i, call.element(0));
  const Dims unknown(3);
  const Dims* x = call.dims(0) != nullptr ? call.dims(0) : &unknown;
  if (x->size() != 3) return inference_error("input 0 must have 3 dims, has {}", x->size());
  const bool batch_first = call.node.int_or("layout", 0) != 0;
  const Dim& length = (*x)[batch_first ? 1 : 0];
  const Dim& batch = (*x)[batch_first ? 0 : 1];
  const Dim directions = Dim::of(call.node.string_or("direction", "forward") == "bidirectional" ? 2 : 1);
  Dim hidden;
  if (const int64_t stated = call.node.int_or("hidden_size", 0); stated > 0) hidden = Dim::of(stated);
  // R: [directions, gates * hidden, hidden]
  if (const Dims* recurrence = call.dims(2);
      !hidden.known() && recurrence != nullptr && recurrence->size() == 3) {
    hidden = (*recurrence)[2];
  }
  call.set(0, call.element(0),
           batch_first ? Dims{batch, length, directions, hidden} : Dims{length, directions, batch, hidden});
  for (size_t i = 1; i < call.outputs.size(); ++i) {
    call.set(i, call.element(0),
             batch_first ? Dims{batch, directions, hidden} : Dims{directions, batch, hidden});
  }
  return {};
}

}  // namespace bp::inference
