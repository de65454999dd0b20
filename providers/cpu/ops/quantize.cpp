// QuantizeLinear, DequantizeLinear and DynamicQuantizeLinear, for all types and granularities. All arithmetic
// is in blocks of float32 that stay in the first cache.
#include <algorithm>
#include <cmath>

#include "kernels/convert.hpp"
#include "kernels/granularity.hpp"
#include "kernels/quantize.hpp"
#include "ops/table.hpp"

namespace bp::cpu {

namespace {

constexpr int64_t kBlock = 512;
constexpr TypeMask kReal = mask(Type::kFloat32, Type::kFloat16, Type::kBfloat16);
constexpr TypeMask kPower = mask(Type::kFloat8E8M0);
constexpr TypeMask kQuantized = kQuantizedInts | kFloat8 | mask(Type::kFloat4E2M1);

// A small input as float32, made anew at every run: scales and zero points.
struct FloatInput {
  size_t input = 0;
  size_t scratch = 0;  // where float32 is made
  int64_t count = 0;
  Type type = Type::kFloat32;
  bool present = false;

  const float* make(const Call& call) const {
    if (!present) return nullptr;
    if (type == Type::kFloat32) return call.in<float>(input);
    auto* values = call.out<std::byte>(scratch);
    Conversion(type, Type::kFloat32).run(call.in<std::byte>(input), values, count);
    return reinterpret_cast<const float*>(values);
  }
};

FloatInput float_input(Builder& b, size_t input) {
  FloatInput result;
  result.present = b.has_input(input);
  if (!result.present) return result;
  result.input = input;
  result.type = b.input_type(input);
  result.count = element_count(b.input_dims(input));
  if (result.type != Type::kFloat32) result.scratch = b.scratch(static_cast<uint64_t>(result.count) * 4);
  return result;
}

// Values in float32 to what `type` holds of them, and back.
void round_to(Type type, float* values, int64_t count) {
  const auto each = [&]<class T>(Tag<T>) {
    for (int64_t i = 0; i < count; ++i) values[i] = static_cast<float>(T(values[i]));
  };
  dispatch<mask(Type::kFloat16, Type::kBfloat16)>(type, each);
}

void check_zero_point(Check& check, Type expected, std::string_view of) {
  if (!check.has_input(2) || check.input(2).type == expected) return;
  check.reject_input(BP_REASON_TYPE, 2,
                     text("the zero point must be ", type_name(expected), " as ", of, " is, is ",
                          type_name(check.input(2).type)));
}

void check_quantize(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kReal | mask(Type::kInt32));
  check.types(1, kReal | kPower | mask(Type::kInt32));
  check.types(2, kQuantized);
  check.output_types(0, kQuantized);
  if (check.has_output(0)) check_zero_point(check, check.output(0).type, "the output");
}

// The type whose precision the division has.
Type division_type(const Builder& b) {
  const auto stated = static_cast<Type>(b.attributes().int_or("precision", 0));
  const Type type = stated == Type::kUndefined ? b.input_type(1) : stated;
  return (mask(type) & mask(Type::kFloat16, Type::kBfloat16)) != 0 ? type : Type::kFloat32;
}

struct Quantizer {
  Granularity granularity;
  FloatInput scale;
  FloatInput zero;
  Conversion load;
  Type from;
  Type to;
  Type division;
  NarrowMode mode;

  // Elements [begin, begin + count) as quotients of float32.
  void divide(const std::byte* x, int64_t begin, int64_t count, const float* scales, int64_t step,
              float* quotients) const {
    const auto* from_first = x + begin * element_size(from);
    const auto* values = reinterpret_cast<const float*>(from_first);
    if (from != Type::kFloat32) {
      load.run(from_first, reinterpret_cast<std::byte*>(quotients), count);
      values = quotients;
    }
    if (division != Type::kFloat32) {
      if (values != quotients) std::copy_n(values, count, quotients);
      round_to(division, quotients, count);
      values = quotients;
    }
    if (step == 0) {
      const float one = *scales;
      for (int64_t i = 0; i < count; ++i) quotients[i] = values[i] / one;
    } else {
      for (int64_t i = 0; i < count; ++i) quotients[i] = values[i] / scales[i];
    }
    if (division != Type::kFloat32) round_to(division, quotients, count);
  }

  void store(float* quotients, const float* zeros, int64_t step, std::byte* codes, int64_t count) const {
    constexpr float kNone = 0;
    if ((mask(to) & kQuantizedInts) != 0) {
      return zeros == nullptr ? store_quantized(to, quotients, &kNone, 0, codes, count)
                              : store_quantized(to, quotients, zeros, step, codes, count);
    }
    // The zero point of a float8 is 0 by definition.
    if (to == Type::kFloat4E2M1 && zeros != nullptr) {
      for (int64_t i = 0; i < count; ++i) quotients[i] += zeros[i * step];
    }
    write_narrow(to, quotients, codes, count, mode);
  }

  void run(const std::byte* x, const float* scales, const float* zeros, std::byte* y, int64_t begin,
           int64_t end) const {
    float quotients[kBlock];
    const bool direct =
        from == Type::kFloat32 && division == Type::kFloat32 && (mask(to) & kQuantizedInts) != 0;
    granularity.stretches(begin, end, [&](int64_t first, int64_t count, int64_t at, int64_t step) {
      if (direct && step == 0) {
        quantize(to, reinterpret_cast<const float*>(x) + first, scales[at], zeros == nullptr ? 0 : zeros[at],
                 y + first * element_size(to), count);
        return;
      }
      for (int64_t done = 0; done < count; done += kBlock) {
        const int64_t here = std::min(kBlock, count - done);
        const int64_t scale_at = at + done * step;
        divide(x, first + done, here, scales + scale_at, step, quotients);
        store(quotients, zeros == nullptr ? nullptr : zeros + scale_at, step,
              y + (first + done) * element_size(to), here);
      }
    });
  }
};

void build_quantize(Builder& b) {
  const Type division = division_type(b);
  NarrowMode mode;
  mode.saturate = b.attributes().int_or("saturate", 1) != 0;
  b.output(0, b.input_dims(0));
  Quantizer quantizer{read_granularity(b, 0, 1, 2),
                      float_input(b, 1),
                      float_input(b, 2),
                      Conversion(b.input_type(0), Type::kFloat32),
                      b.input_type(0),
                      b.output_type(0),
                      division,
                      mode};
  const int64_t count = element_count(b.input_dims(0));
  const int threads = b.threads();
  const size_t out = b.input_count();
  b.run([quantizer, count, threads, out](const Call& call) {
    const float* scales = quantizer.scale.make(call);
    const float* zeros = quantizer.zero.make(call);
    parallel_for(threads, count, count, [&](int64_t begin, int64_t end) {
      quantizer.run(call.in<std::byte>(0), scales, zeros, call.out<std::byte>(out), begin, end);
    });
  });
}

void check_dequantize(Check& check) {
  check.required(0);
  check.required(1);
  check.types(0, kQuantized | mask(Type::kInt32));
  check.types(1, kReal | kPower);
  check.output_types(0, kReal);
  if (check.has_input(0)) check_zero_point(check, check.input(0).type, "input 0");
}

struct Dequantizer {
  Granularity granularity;
  FloatInput scale;
  FloatInput zero;
  Conversion load;
  Conversion store;
  Type from;
  Type to;

  void run(const std::byte* x, const float* scales, const float* zeros, std::byte* y, int64_t begin,
           int64_t end) const {
    float block[kBlock];
    const bool direct = to == Type::kFloat32 && (mask(from) & kQuantizedInts) != 0;
    granularity.stretches(begin, end, [&](int64_t first, int64_t count, int64_t at, int64_t step) {
      if (direct && step == 0) {
        dequantize(from, x + first * element_size(from), scales[at], zeros == nullptr ? 0 : zeros[at],
                   reinterpret_cast<float*>(y) + first, count);
        return;
      }
      for (int64_t done = 0; done < count; done += kBlock) {
        const int64_t here = std::min(kBlock, count - done);
        std::byte* target = y + (first + done) * element_size(to);
        float* values = to == Type::kFloat32 ? reinterpret_cast<float*>(target) : block;
        load.run(x + (first + done) * element_size(from), reinterpret_cast<std::byte*>(values), here);
        scaled(values, scales + at + done * step, zeros == nullptr ? nullptr : zeros + at + done * step, step,
               here);
        if (to != Type::kFloat32) store.run(reinterpret_cast<const std::byte*>(block), target, here);
      }
    });
  }

  static void scaled(float* values, const float* scales, const float* zeros, int64_t step, int64_t count) {
    if (step == 0) {
      const float scale = *scales;
      const float zero = zeros == nullptr ? 0 : *zeros;
      for (int64_t i = 0; i < count; ++i) values[i] = (values[i] - zero) * scale;
    } else if (zeros == nullptr) {
      for (int64_t i = 0; i < count; ++i) values[i] *= scales[i];
    } else {
      for (int64_t i = 0; i < count; ++i) values[i] = (values[i] - zeros[i]) * scales[i];
    }
  }
};

void build_dequantize(Builder& b) {
  b.output(0, b.input_dims(0));
  const Type from = b.input_type(0);
  const Type to = b.output_type(0);
  const Dequantizer dequantizer{read_granularity(b, 0, 1, 2),
                                float_input(b, 1),
                                float_input(b, 2),
                                Conversion(from, Type::kFloat32),
                                Conversion(Type::kFloat32, to),
                                from,
                                to};
  const int64_t count = element_count(b.input_dims(0));
  const int threads = b.threads();
  const size_t out = b.input_count();
  b.run([dequantizer, count, threads, out](const Call& call) {
    const float* scales = dequantizer.scale.make(call);
    const float* zeros = dequantizer.zero.make(call);
    parallel_for(threads, count, count, [&](int64_t begin, int64_t end) {
      dequantizer.run(call.in<std::byte>(0), scales, zeros, call.out<std::byte>(out), begin, end);
    });
  });
}

// --- DynamicQuantizeLinear: the range of the data, then the data in it ---

constexpr int64_t kPiece = 16 * 1024;  // elements whose range one thread finds at a time

void check_dynamic(Check& check) {
  check.required(0);
  check.types(0, kFloat);
  for (size_t i = 0; i < 3; ++i) {
    if (!check.has_output(i)) check.reject(BP_REASON_OTHER, text("output ", i, " is missing"));
  }
}

void build_dynamic(Builder& b) {
  b.output(0, b.input_dims(0));
  b.output(1, {});
  b.output(2, {});
  const int64_t count = element_count(b.input_dims(0));
  const int64_t pieces = (count + kPiece - 1) / kPiece;
  const size_t scratch = b.scratch(static_cast<uint64_t>(pieces) * sizeof(FloatRange));
  const int threads = b.threads();
  b.run([count, pieces, scratch, threads](const Call& call) {
    const float* x = call.in<float>(0);
    auto* ranges = call.out<FloatRange>(scratch);
    parallel_for(threads, pieces, count, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        ranges[i] = range_with_zero(x + i * kPiece, std::min(kPiece, count - i * kPiece));
      }
    });
    FloatRange range;
    for (int64_t i = 0; i < pieces; ++i) {
      range.low = std::min(range.low, ranges[i].low);
      range.high = std::max(range.high, ranges[i].high);
    }
    // Nothing but zeros: any scale will do.
    const float scale = (range.low == range.high ? 1.0f : range.high - range.low) / 255.0f;
    const float zero = std::nearbyint(std::clamp(-range.low / scale, 0.0f, 255.0f));
    *call.out<float>(2) = scale;
    *call.out<uint8_t>(3) = static_cast<uint8_t>(zero);
    auto* y = call.out<std::byte>(1);
    parallel_for(threads, count, count, [&](int64_t begin, int64_t end) {
      quantize(Type::kUint8, x + begin, scale, zero, y + begin, end - begin);
    });
  });
}

constexpr Row kRows[] = {
    {"QuantizeLinear", check_quantize, build_quantize, 10, LayoutUse::kPointwise},
    {"DequantizeLinear", check_dequantize, build_dequantize, 10, LayoutUse::kPointwise},
    {"DynamicQuantizeLinear", check_dynamic, build_dynamic, 11},
};

}  // namespace

std::span<const Row> quantize_rows() { return kRows; }

}  // namespace bp::cpu
