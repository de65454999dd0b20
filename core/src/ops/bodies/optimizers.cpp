// One step of an optimizer: inputs are the learning rate, the count of steps so far, then weights, gradients
// and states in groups of equal size; new weights and states come out in groups. As the operators'
// specifications say, with R the rate, T the count, X weight, G gradient, V and H states.

#include "ops/bodies/optimizers.hpp"

namespace bp::bodies {
namespace {

class Step {
 public:
  Step(BodyBuilder& b, size_t groups) : b_(b), count_((b.node().inputs.size() - 2) / groups) {}

  static bool fits(const BodyBuilder& b, size_t groups) {
    const size_t inputs = b.node().inputs.size();
    return inputs > 2 && (inputs - 2) % groups == 0;
  }
  size_t count() const { return count_; }
  size_t place(size_t group, size_t i) const { return 2 + group * count_ + i; }
  ValueId of(size_t group, size_t i) const { return b_.input(place(group, i)); }
  // An attribute, or a number, of the weight's type.
  ValueId number(size_t i, float value) { return b_.scalar(value, place(0, i)); }
  ValueId like(size_t i, ValueId value, size_t input) {
    return b_.element(input) == b_.element(place(0, i)) ? value : b_.add("CastLike", {value, of(0, i)});
  }
  ValueId rate(size_t i) { return like(i, b_.input(0), 0); }
  ValueId steps(size_t i) { return b_.add("CastLike", {b_.input(1), of(0, i)}); }
  ValueId trains() { return b_.add("Greater", {b_.input(1), b_.int_scalar(0)}); }
  ValueId times(size_t i, ValueId value, float factor) { return b_.add("Mul", {value, number(i, factor)}); }
  // G + norm_coefficient X
  ValueId regularized(size_t i) {
    const float norm = b_.node().float_or("norm_coefficient", 0.0F);
    return norm == 0.0F ? of(1, i) : b_.add("Add", {times(i, of(0, i), norm), of(1, i)});
  }
  // a value + (1 - a) fresh
  ValueId moved(size_t i, ValueId value, ValueId fresh, float a) {
    return b_.add("Add",
                  {times(i, value, a), b_.add("Mul", {fresh, b_.add("Sub", {number(i, 1.0F), number(i, a)})})});
  }

 private:
  BodyBuilder& b_;
  size_t count_;
};

void give(BodyBuilder& b, std::initializer_list<const std::vector<ValueId>*> groups) {
  for (const std::vector<ValueId>* group : groups) {
    for (const ValueId value : *group) b.output(value);
  }
}

}  // namespace

bool adagrad(BodyBuilder& b) {
  if (!Step::fits(b, 3)) return false;
  Step s(b, 3);
  const float decay = b.node().float_or("decay_factor", 0.0F);
  std::vector<ValueId> weights, squares;
  for (size_t i = 0; i < s.count(); ++i) {
    const ValueId g = s.regularized(i);
    const ValueId square = b.add("Add", {s.of(2, i), b.add("Mul", {g, g})});
    const ValueId root =
        b.add("Add", {b.add("Sqrt", {square}), s.number(i, b.node().float_or("epsilon", 1e-6F))});
    const ValueId slower = b.add("Add", {s.times(i, s.steps(i), decay), s.number(i, 1.0F)});
    const ValueId rate = decay == 0.0F ? s.rate(i) : b.add("Div", {s.rate(i), slower});
    weights.push_back(b.add("Sub", {s.of(0, i), b.add("Div", {b.add("Mul", {rate, g}), root})}));
    squares.push_back(square);
  }
  give(b, {&weights, &squares});
  return true;
}

bool adam(BodyBuilder& b) {
  if (!Step::fits(b, 4)) return false;
  Step s(b, 4);
  const float alpha = b.node().float_or("alpha", 0.9F);
  const float beta = b.node().float_or("beta", 0.999F);
  const float after = b.node().float_or("norm_coefficient_post", 0.0F);
  std::vector<ValueId> weights, means, squares;
  for (size_t i = 0; i < s.count(); ++i) {
    const ValueId g = s.regularized(i);
    const ValueId mean = s.moved(i, s.of(2, i), g, alpha);
    const ValueId square = s.moved(i, s.of(3, i), b.add("Mul", {g, g}), beta);
    const ValueId root =
        b.add("Add", {b.add("Sqrt", {square}), s.number(i, b.node().float_or("epsilon", 1e-6F))});
    // R sqrt(1 - beta^T) / (1 - alpha^T) once T is above 0
    const auto rest = [&](float base) {
      return b.add("Sub", {s.number(i, 1.0F), b.add("Pow", {s.number(i, base), s.steps(i)})});
    };
    const ValueId corrected =
        b.add("Div", {b.add("Mul", {s.rate(i), b.add("Sqrt", {rest(beta)})}), rest(alpha)});
    const ValueId rate = b.add("Where", {s.trains(), corrected, s.rate(i)});
    const ValueId weight = b.add("Sub", {s.of(0, i), b.add("Div", {b.add("Mul", {rate, mean}), root})});
    weights.push_back(
        after == 0.0F ? weight : b.add("Mul", {weight, b.add("Sub", {s.number(i, 1.0F), s.number(i, after)})}));
    means.push_back(mean);
    squares.push_back(square);
  }
  give(b, {&weights, &means, &squares});
  return true;
}

bool momentum(BodyBuilder& b) {
  if (!Step::fits(b, 3)) return false;
  Step s(b, 3);
  const float alpha = b.node().float_or("alpha", 0.0F);
  const float beta = b.node().float_or("beta", 0.0F);
  const std::string mode = b.node().string_or("mode", "");
  if (mode != "standard" && mode != "nesterov") return false;
  std::vector<ValueId> weights, speeds;
  for (size_t i = 0; i < s.count(); ++i) {
    const ValueId g = s.regularized(i);
    const ValueId share = b.add("Where", {s.trains(), s.number(i, beta), s.number(i, 1.0F)});
    const ValueId speed = b.add("Add", {s.times(i, s.of(2, i), alpha), b.add("Mul", {share, g})});
    const ValueId step = mode == "standard" ? speed : b.add("Add", {g, s.times(i, speed, alpha)});
    weights.push_back(b.add("Sub", {s.of(0, i), b.add("Mul", {s.rate(i), step})}));
    speeds.push_back(speed);
  }
  give(b, {&weights, &speeds});
  return true;
}

}  // namespace bp::bodies
