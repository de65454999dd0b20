// The output is cut into sections and these into blocks. Where the innermost axis is long, a section is one row
// of it and operands that broadcast are read where they lie; where it is short, a block is many rows, for which
// these operands are spread out in the thread's memory first, once for all blocks of a section where they
// repeat.
#include "kernels/pointwise_program.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "kernels/broadcast.hpp"
#include "kernels/sized.hpp"
#include "parallel.hpp"
#include "support.hpp"

namespace bp::cpu {

namespace {

using Kind = PointwiseInstruction::Kind;

constexpr int64_t kLongRow = 192;            // elements
constexpr int64_t kBlockMemory = 24 * 1024;  // for everything that one block touches
constexpr int64_t kMostElements = 2048;
constexpr int64_t kMaxMemory = 96 * 1024;

// How the address of a slot is found for a block.
struct Source {
  enum class Kind : uint8_t {
    kFixed,   // one element, or memory of the thread
    kLinear,  // element i for element i
    kRow,     // a row of its own for each section, or one element
    kSpread,  // spread into memory of the thread
  };
  Kind kind = Kind::kFixed;
  bool run = true;  // the address is of a run of elements, not of one
  uint32_t operand = 0;
  int64_t element_bytes = 4;
  const void* number = nullptr;  // kFixed: outside of any call
  int64_t memory = -1;           // offset in the thread's memory
  int64_t inner_step = 0;        // kRow, kSpread: elements, 0 or 1
  std::vector<int64_t> steps;    // ... along the outer axes
  int64_t repeats = 1;           // kSpread: so many rows in turn are the same
};

struct Loop {
  Kind kind = Kind::kUnary;
  Slot out = 0, a = 0, b = 0, c = 0;
  UnaryParameters parameters;
  UnaryLoop<float> floats = nullptr;
  UnaryLoop<double> doubles = nullptr;
  BinaryLoop binary = nullptr;
  SelectLoop select = nullptr;
  const Conversion* conversion = nullptr;
};

template <class U>
void copy_row(const U* row, int64_t step, int64_t inner, U* out) {
  if (step == 0) {
    std::fill_n(out, inner, *row);
  } else {
    std::copy_n(row, inner, out);
  }
}

class PointwiseKernel final : public Kernel {
 public:
  PointwiseKernel(PointwiseProgram program, int threads) : program_(std::move(program)), threads_(threads) {
    make_sources();
    for (const PointwiseInstruction& instruction : program_.instructions)
      loops_.push_back(find_loop(instruction));
    work_ = element_count(program_.dims) * (1 + static_cast<int64_t>(loops_.size()) / 4);
  }

  RunError run(const Call& call) const override {
    parallel_for(threads_, units_, work_, [&](int64_t begin, int64_t end) { run_units(call, begin, end); });
    return nullptr;
  }

 private:
  void make_sources();
  void choose_blocks(int64_t streams, int64_t places, int64_t widest);
  Loop find_loop(const PointwiseInstruction& instruction) const;
  bool may_be_single(Slot slot) const;
  void run_units(const Call& call, int64_t begin, int64_t end) const;
  void run_block(std::byte* const* at, int64_t count) const;
  int64_t row_offset(const Source& source, int64_t row) const;
  void spread(const Source& source, const std::byte* from, int64_t row, int64_t rows, std::byte* to) const;

  PointwiseProgram program_;
  int threads_;
  std::vector<Source> sources_;  // by slot
  std::vector<Loop> loops_;
  std::vector<int64_t> sizes_;  // outer axes
  int64_t inner_ = 1;           // elements of a row
  bool long_rows_ = true;
  int64_t section_ = 1;  // elements
  int64_t block_ = 1;    // elements
  int64_t pieces_ = 1;   // blocks of a section
  int64_t units_ = 1;    // blocks
  int64_t work_ = 0;
};

// Whether no instruction needs the slot as a run.
bool PointwiseKernel::may_be_single(Slot slot) const {
  return std::none_of(program_.instructions.begin(), program_.instructions.end(),
                      [&](const auto& i) { return i.a == slot && (i.kind != Kind::kBinary || i.b == slot); });
}

void PointwiseKernel::make_sources() {
  const int64_t count = element_count(program_.dims);
  std::vector<Dims> broadcast;
  std::vector<size_t> which;
  int64_t streams = 0;
  int64_t places = 0;
  int64_t widest = 1;
  for (size_t index = 0; index < program_.slots.size(); ++index) {
    const PointwiseSlot& slot = program_.slots[index];
    Source source;
    source.element_bytes = element_size(slot.type);
    source.operand = slot.operand;
    widest = std::max(widest, source.element_bytes);
    if (slot.kind == PointwiseSlot::Kind::kNumber) {
      source.number = &slot.bits;
      source.run = false;
    } else if (slot.kind == PointwiseSlot::Kind::kRegister) {
      source.memory = slot.place;
      places = std::max<int64_t>(places, slot.place + 1);
    } else if (slot.written || element_count(slot.dims) == count) {
      source.kind = Source::Kind::kLinear;
      ++streams;
    } else if (element_count(slot.dims) == 1 && may_be_single(static_cast<Slot>(index))) {
      source.run = false;
    } else {
      broadcast.push_back(slot.dims);
      which.push_back(index);
    }
    sources_.push_back(std::move(source));
  }

  std::vector<std::vector<int64_t>> steps;
  collapse_axes(program_.dims, broadcast, sizes_, steps);
  inner_ = sizes_.back();
  sizes_.pop_back();
  long_rows_ = inner_ >= kLongRow || inner_ == count;
  section_ = long_rows_ ? inner_ : count;
  for (size_t i = 0; i < broadcast.size(); ++i) {
    Source& source = sources_[which[i]];
    source.inner_step = steps[i].back();
    steps[i].pop_back();
    source.steps = steps[i];
    const bool single = source.inner_step == 0;
    if (long_rows_ && (!single || may_be_single(static_cast<Slot>(which[i])))) {
      source.kind = Source::Kind::kRow;
      source.run = !single;
      continue;
    }
    source.kind = Source::Kind::kSpread;
    source.memory = places++;
    for (size_t axis = sizes_.size(); axis-- > 0 && source.steps[axis] == 0;) source.repeats *= sizes_[axis];
  }
  choose_blocks(streams, places, widest);
}

void PointwiseKernel::choose_blocks(int64_t streams, int64_t places, int64_t widest) {
  const int64_t count = element_count(program_.dims);
  block_ = std::clamp(kBlockMemory / widest / std::max<int64_t>(1, places + streams), kLongRow, kMostElements) /
           64 * 64;
  if (!long_rows_) {
    const int64_t tile = std::max<int64_t>(block_ / inner_, 1);
    int64_t section_rows = count / inner_;
    for (const Source& source : sources_) {
      if (source.kind == Source::Kind::kSpread && source.repeats * 2 >= tile) {
        section_rows = std::min(section_rows, source.repeats);
      }
    }
    section_ = section_rows * inner_;
    block_ = std::min(tile, section_rows) * inner_;
  }
  block_ = std::min(block_, section_);
  pieces_ = (section_ + block_ - 1) / block_;
  units_ = count / section_ * pieces_;
  const int64_t place_bytes = (block_ * widest + 63) / 64 * 64;
  for (Source& source : sources_) {
    if (source.memory >= 0) source.memory *= place_bytes;
  }
  if (places * place_bytes > kMaxMemory) {
    throw Error(BP_STATUS_INTERNAL, text("a pointwise chain needs ", places, " intermediate values at once"));
  }
}

Loop PointwiseKernel::find_loop(const PointwiseInstruction& from) const {
  Loop loop;
  loop.kind = from.kind;
  loop.out = from.out;
  loop.a = from.a;
  loop.b = from.b;
  loop.c = from.c;
  loop.parameters = from.parameters;
  bool found = true;
  switch (from.kind) {
    case Kind::kUnary:
      if (from.type == Type::kFloat64) {
        loop.doubles = unary_loop<double>(from.unary);
      } else {
        loop.floats = unary_loop<float>(from.unary);
      }
      break;
    case Kind::kBinary: {
      const bool first = sources_[from.a].run;
      const bool second = sources_[from.b].run;
      const Runs runs = first && second ? Runs::kBoth : first ? Runs::kFirst : Runs::kSecond;
      loop.binary = pointwise_loops().binary(from.binary, from.type, runs);
      found = loop.binary != nullptr && (first || second);
      break;
    }
    case Kind::kSelect:
      loop.select =
          pointwise_loops().select(element_size(from.type), sources_[from.b].run, sources_[from.c].run);
      found = loop.select != nullptr;
      break;
    case Kind::kConvert:
      loop.conversion = &program_.conversions[from.conversion];
      break;
  }
  if (!found) throw Error(BP_STATUS_INTERNAL, text("a pointwise chain has no loop for ", type_name(from.type)));
  return loop;
}

void PointwiseKernel::run_block(std::byte* const* at, int64_t count) const {
  for (const Loop& loop : loops_) {
    switch (loop.kind) {
      case Kind::kUnary:
        if (loop.floats != nullptr) {
          loop.floats(reinterpret_cast<const float*>(at[loop.a]), reinterpret_cast<float*>(at[loop.out]), count,
                      loop.parameters);
        } else {
          loop.doubles(reinterpret_cast<const double*>(at[loop.a]), reinterpret_cast<double*>(at[loop.out]),
                       count, loop.parameters);
        }
        break;
      case Kind::kBinary:
        loop.binary(at[loop.a], at[loop.b], at[loop.out], count);
        break;
      case Kind::kSelect:
        loop.select(at[loop.a], at[loop.b], at[loop.c], at[loop.out], count);
        break;
      case Kind::kConvert:
        loop.conversion->run(at[loop.a], at[loop.out], count);
        break;
    }
  }
}

int64_t PointwiseKernel::row_offset(const Source& source, int64_t row) const {
  int64_t offset = 0;
  for (size_t axis = sizes_.size(); axis-- > 0;) {
    offset += row % sizes_[axis] * source.steps[axis];
    row /= sizes_[axis];
  }
  return offset;
}

void PointwiseKernel::spread(const Source& source, const std::byte* from, int64_t row, int64_t rows,
                             std::byte* to) const {
  with_size(static_cast<uint32_t>(source.element_bytes), [&]<class U>(Tag<U>) {
    const U* x = reinterpret_cast<const U*>(from);
    U* y = reinterpret_cast<U*>(to);
    if (long_rows_) {  // an element for the row, which an instruction needs as a run
      std::fill_n(y, block_, x[row_offset(source, row)]);
      return;
    }
    for (int64_t done = 0; done < rows;) {
      const int64_t same = std::min(source.repeats - (row + done) % source.repeats, rows - done);
      U* out = y + done * inner_;
      copy_row(x + row_offset(source, row + done), source.inner_step, inner_, out);
      for (int64_t copied = 1; copied < same; copied *= 2) {
        std::copy_n(out, std::min(copied, same - copied) * inner_, out + copied * inner_);
      }
      done += same;
    }
  });
}

void PointwiseKernel::run_units(const Call& call, int64_t begin, int64_t end) const {
  alignas(64) std::byte memory[kMaxMemory];
  std::array<std::byte*, kMaxPointwiseSlots> at;
  for (size_t slot = 0; slot < sources_.size(); ++slot) {
    const Source& source = sources_[slot];
    if (source.memory >= 0) {
      at[slot] = memory + source.memory;
    } else if (source.number != nullptr) {
      at[slot] = static_cast<std::byte*>(const_cast<void*>(source.number));  // only read
    } else {
      at[slot] = call.out<std::byte>(source.operand);
    }
  }
  int64_t last_section = -1;
  for (int64_t unit = begin; unit < end; ++unit) {
    const int64_t section = unit / pieces_;
    const int64_t start = unit % pieces_ * block_;
    const int64_t count = std::min(block_, section_ - start);
    const int64_t first = section * section_ + start;
    for (size_t slot = 0; slot < sources_.size(); ++slot) {
      const Source& source = sources_[slot];
      if (source.kind == Source::Kind::kFixed) continue;
      std::byte* base = call.out<std::byte>(source.operand);
      if (source.kind == Source::Kind::kLinear) {
        at[slot] = base + first * source.element_bytes;
      } else if (source.kind == Source::Kind::kRow) {
        const int64_t offset = row_offset(source, section) + start * source.inner_step;
        at[slot] = base + offset * source.element_bytes;
      } else if (const bool same = source.repeats * inner_ >= section_; !same || section != last_section) {
        // As many rows as the longest block of the section has, whichever comes first in this thread.
        const int64_t row = (same ? section * section_ : first) / inner_;
        spread(source, base, row, (same ? block_ : count) / inner_, at[slot]);
      }
    }
    last_section = section;
    run_block(at.data(), count);
  }
}

}  // namespace

std::unique_ptr<Kernel> make_pointwise_kernel(PointwiseProgram program, int threads) {
  if (program.slots.size() > kMaxPointwiseSlots) {
    throw Error(BP_STATUS_INTERNAL, text("a pointwise chain has ", program.slots.size(), " slots"));
  }
  return std::make_unique<PointwiseKernel>(std::move(program), threads);
}

}  // namespace bp::cpu
