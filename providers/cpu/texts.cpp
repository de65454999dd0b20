// Strings on their way in and out.
#include "texts.hpp"

#include <algorithm>
#include <cstring>

namespace bp::cpu {

namespace {
constexpr uint64_t kPieceBytes = 4096;
}

char* TextArena::allocate(uint64_t size) {
  if (pieces_.empty() || left_ < size) {
    const uint64_t bytes = std::max(size, pieces_.empty() ? kPieceBytes : 2 * pieces_.back().size);
    pieces_.push_back({std::unique_ptr<char[]>(new char[bytes]), bytes});
    left_ = bytes;
  }
  char* result = pieces_.back().memory.get() + (pieces_.back().size - left_);
  left_ -= size;
  return result;
}

Text TextArena::keep(std::string_view characters) {
  if (characters.empty()) return {};
  char* memory = allocate(characters.size());
  std::memcpy(memory, characters.data(), characters.size());
  return {memory, characters.size()};
}

// The last piece is the largest one, and enough for the most part of the next run.
void TextArena::clear() noexcept {
  if (pieces_.size() > 1) pieces_.erase(pieces_.begin(), pieces_.end() - 1);
  left_ = pieces_.empty() ? 0 : pieces_.back().size;
}

std::unique_ptr<Kernel> text_reader(uint64_t count) {
  return make_kernel([count](const Call& call) {
    const auto* offsets = call.in<uint64_t>(0);
    const auto* characters = call.in<char>(1);
    Text* elements = call.out<Text>(2);
    for (uint64_t i = 0; i < count; ++i) elements[i] = {characters + offsets[i], offsets[i + 1] - offsets[i]};
  });
}

uint64_t text_bytes(const Text* elements, uint64_t count) noexcept {
  uint64_t bytes = 0;
  for (uint64_t i = 0; i < count; ++i) bytes += elements[i].size;
  return bytes;
}

void write_texts(const Text* elements, uint64_t count, uint64_t* offsets, char* characters) noexcept {
  uint64_t at = 0;
  for (uint64_t i = 0; i < count; ++i) {
    offsets[i] = at;
    if (elements[i].size > 0) std::memcpy(characters + at, elements[i].data, elements[i].size);
    at += elements[i].size;
  }
  offsets[count] = at;
}

}  // namespace bp::cpu
