// com.microsoft's QLinearConcat: parts by the scale of the whole. Channels join in the layout in which they
// lie.
#include <algorithm>
#include <cstring>
#include <vector>

#include "kernels/quantize.hpp"
#include "ops/quantized_numbers.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

// Inputs: the whole's scale and zero point, then every part with its own.
constexpr size_t kFirstPart = 2;

void check(Check& check) {
  check_quantized_output(check, 0);
  for (size_t i = kFirstPart; i < check.input_count(); i += 3) check_quantized_input(check, i, i + 1);
  if (check.input_count() < kFirstPart + 3 || (check.input_count() - kFirstPart) % 3 != 0) {
    check.reject(BP_REASON_OTHER, text("expected 2 inputs and 3 for each part, found ", check.input_count()));
  }
}

struct Part {
  size_t operand = 0;
  int64_t run = 0;  // bytes that lie together in the part and in the whole
  int64_t at = 0;   // in a line of the whole
  QuantizedTerms terms;
  bool same = false;

  void copy(Type type, const std::byte* from, std::byte* to) const {
    if (same) {
      std::memcpy(to, from, static_cast<size_t>(run));
    } else {
      rescale_quantized(type, terms, from, to, run);
    }
  }
};

void build(Builder& b) {
  Dims dims = b.input_dims(kFirstPart);
  const auto axis = static_cast<size_t>(b.axis(b.attributes().int_or("axis", 0), b.rank(kFirstPart)));
  dims[axis] = 0;
  for (size_t i = kFirstPart; i < b.input_count(); i += 3) {
    Dims part = b.input_dims(i);
    if (part.size() != dims.size()) b.fail(text("input ", i, " must have ", dims.size(), " dims"));
    dims[axis] += part[axis];
    part[axis] = dims[axis];
    if (part != dims) b.fail(text("input ", i, " with dims ", dims_text(b.input_dims(i)), " does not join"));
  }
  const bool joins_channels = axis == 1 && b.layout_of(b.node().inputs[kFirstPart]) == Layout::kChannelsLast;
  const Layout layout = joins_channels ? Layout::kChannelsLast : Layout::kPlain;
  const int64_t inner =
      joins_channels ? 1 : element_count(Dims(dims.begin() + static_cast<int64_t>(axis) + 1, dims.end()));
  const int64_t line = dims[axis] * inner;
  const int64_t lines = line == 0 ? 0 : element_count(dims) / line;

  const float scale = scale_or_zero(b, 0, 1);
  const float zero = scale_or_zero(b, 1, 0);
  Builder::RawStep step;
  std::vector<Part> parts;
  int64_t at = 0;
  for (size_t i = kFirstPart; i < b.input_count(); i += 3) {
    Part part;
    part.run = b.input_dims(i)[axis] * inner;
    part.at = at;
    at += part.run;
    part.terms = {scale_or_zero(b, i + 1, 1), scale_or_zero(b, i + 2, 0), 1, 0, scale, zero};
    part.same = part.terms.a_scale == scale && part.terms.a_zero == zero;
    part.operand = step.operands.size();
    if (part.run == 0) continue;
    step.operands.push_back(b.read(b.node().inputs[i], layout));
    parts.push_back(part);
  }
  const size_t out = step.operands.size();
  step.operands.push_back(b.write(b.node().outputs[0], dims, layout));
  if (lines == 0) return;
  const Type type = b.output_type(0);
  const int threads = b.threads();
  step.kernel = make_kernel([=](const Call& call) {
    parallel_for(threads, lines, lines * line, [&](int64_t begin, int64_t end) {
      for (const Part& part : parts) {
        for (int64_t i = begin; i < end; ++i) {
          part.copy(type, call.in<std::byte>(part.operand) + i * part.run,
                    call.out<std::byte>(out) + i * line + part.at);
        }
      }
    });
  });
  step.name = b.node().op_type;
  step.implementation = "plain";
  step.nodes = {b.node_index()};
  b.raw_step(std::move(step));
}

constexpr Row kRows[] = {
    {"QLinearConcat", check, build, 1, LayoutUse::kOwn, kMicrosoftDomain},
};

}  // namespace

std::span<const Row> quantized_concat_rows() { return kRows; }

}  // namespace bp::cpu
