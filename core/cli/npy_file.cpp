// The header is a Python dictionary in text; the three entries that the format prescribes are read, and nothing
// else is allowed to decide how the bytes are taken.
#include "npy_file.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace bp::cli {
namespace {

constexpr std::string_view kMagic("\x93NUMPY", 6);
constexpr size_t kLongestHeader = 64 * 1024;
constexpr size_t kMostDims = 32;  // NumPy's own limit

struct TypeName {
  std::string_view name;  // without the byte order
  ElementType type;
};
constexpr std::array kTypeNames = {
    TypeName{"f4", ElementType::kFloat32},   TypeName{"f8", ElementType::kFloat64},
    TypeName{"f2", ElementType::kFloat16},   TypeName{"i8", ElementType::kInt64},
    TypeName{"i4", ElementType::kInt32},     TypeName{"i2", ElementType::kInt16},
    TypeName{"i1", ElementType::kInt8},      TypeName{"u8", ElementType::kUint64},
    TypeName{"u4", ElementType::kUint32},    TypeName{"u2", ElementType::kUint16},
    TypeName{"u1", ElementType::kUint8},     TypeName{"b1", ElementType::kBool},
    TypeName{"c8", ElementType::kComplex64}, TypeName{"c16", ElementType::kComplex128},
};

struct Header {
  ElementType type = ElementType::kUndefined;
  std::vector<int64_t> dims;
};

Status damaged(const std::string& path, const std::string& what) {
  return {ErrorCode::kInvalidArgument, path + ": " + what};
}

// What follows "'key':" in the dictionary, without leading spaces.
std::optional<std::string_view> entry(std::string_view text, std::string_view key) {
  for (const char quote : {'\'', '"'}) {
    const size_t at = text.find(quote + std::string(key) + quote);
    if (at == std::string_view::npos) continue;
    const size_t colon = text.find_first_not_of(' ', at + key.size() + 2);
    if (colon == std::string_view::npos || text[colon] != ':') return std::nullopt;
    const size_t begin = text.find_first_not_of(' ', colon + 1);
    if (begin != std::string_view::npos) return text.substr(begin);
  }
  return std::nullopt;
}

std::optional<ElementType> parse_type(std::string_view text) {
  if (text.size() < 4 || (text[0] != '\'' && text[0] != '"')) return std::nullopt;
  const std::string_view name = text.substr(1, text.find(text[0], 1) - 1);
  if (name.empty()) return std::nullopt;
  for (const TypeName& known : kTypeNames)
    if (name.substr(1) == known.name && (name[0] == '<' || name[0] == '|')) return known.type;
  return std::nullopt;
}

// "(1, 3, 8)", "(4,)" or "()".
std::optional<std::vector<int64_t>> parse_shape(std::string_view text) {
  const size_t end = text.find(')');
  if (text.empty() || text[0] != '(' || end == std::string_view::npos) return std::nullopt;
  std::vector<int64_t> dims;
  const char* at = text.data() + 1;
  const char* const last = text.data() + end;
  while (at < last) {
    int64_t size = 0;
    const auto [next, error] = std::from_chars(at, last, size);
    if (error != std::errc() || size < 0 || dims.size() == kMostDims) return std::nullopt;
    dims.push_back(size);
    at = next;
    while (at < last && (*at == ' ' || *at == ',')) ++at;
  }
  return dims;
}

Result<Header> read_header(std::istream& file, const std::string& path) {
  std::array<unsigned char, 12> start{};
  file.read(reinterpret_cast<char*>(start.data()), 8);
  if (!file || std::memcmp(start.data(), kMagic.data(), kMagic.size()) != 0)
    return damaged(path, "not a .npy file");
  // Version 1 has a length of two bytes, later ones of four.
  const int length_bytes = start[6] == 1 ? 2 : 4;
  file.read(reinterpret_cast<char*>(start.data()) + 8, length_bytes);
  size_t length = 0;
  for (int i = length_bytes - 1; i >= 0; --i) length = length << 8 | start[8 + static_cast<size_t>(i)];
  if (!file || length > kLongestHeader) return damaged(path, "damaged header");
  std::string text(length, '\0');
  file.read(text.data(), static_cast<std::streamsize>(length));
  if (!file) return damaged(path, "the file ends within its header");

  const auto descr = entry(text, "descr"), order = entry(text, "fortran_order"), shape = entry(text, "shape");
  if (!descr || !order || !shape) return damaged(path, "header without descr, fortran_order or shape");
  if (!order->starts_with("False"))
    return damaged(path, "column-major order; save numpy.ascontiguousarray(array)");
  const auto type = parse_type(*descr);
  if (!type) return damaged(path, fmt::format("element type {} is not one that ONNX has", descr->substr(0, 8)));
  auto dims = parse_shape(*shape);
  if (!dims) return damaged(path, "damaged shape");
  return Header{*type, std::move(*dims)};
}

}  // namespace

Result<Value> read_npy_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Status(ErrorCode::kNotFound, path + ": " + std::strerror(errno));
  BP_ASSIGN_OR_RETURN(Header header, read_header(file, path));
  const auto begin = file.tellg();
  file.seekg(0, std::ios::end);
  const auto found_bytes = static_cast<uint64_t>(file.tellg() - begin);
  file.seekg(begin);

  // Checked against the file before anything is allocated.
  uint64_t wanted_bytes = element_bits(header.type) / 8;
  for (const int64_t size : header.dims)
    if (__builtin_mul_overflow(wanted_bytes, static_cast<uint64_t>(size), &wanted_bytes))
      return damaged(path, "the shape has too many elements");
  if (wanted_bytes != found_bytes)
    return damaged(path, fmt::format("{} bytes of data, its shape needs {}", found_bytes, wanted_bytes));
  BP_ASSIGN_OR_RETURN(Value value, Value::tensor(header.type, std::move(header.dims)));
  file.read(static_cast<char*>(value.mutable_data()), static_cast<std::streamsize>(wanted_bytes));
  if (!file) return Status(ErrorCode::kIo, path + ": cannot be read");
  return value;
}

Status write_npy_file(const std::string& path, const Value& value) {
  std::string_view name;
  for (const TypeName& known : kTypeNames)
    if (value.is_tensor() && known.type == value.element_type()) name = known.name;
  if (name.empty())
    return {ErrorCode::kUnsupported,
            path + ": NumPy has no type for " + value.type_string() + "; save it as .pb"};
  std::string header = fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': (",
                                   name[1] == '1' && name.size() == 2 ? '|' : '<', name);
  for (const int64_t size : value.dims()) header += fmt::format("{},", size);
  header += "), }";
  // Magic, version, length and header end on a multiple of 64, with a line feed last.
  header.append(63 - (kMagic.size() + 4 + header.size()) % 64, ' ');
  header += '\n';

  std::ofstream file(path, std::ios::binary);
  file << kMagic << '\x01' << '\x00' << static_cast<char>(header.size() & 0xFF)
       << static_cast<char>(header.size() >> 8);
  file << header;
  file.write(static_cast<const char*>(value.data()), static_cast<std::streamsize>(value.size_bytes()));
  file.close();
  if (!file) return {ErrorCode::kIo, path + ": cannot be written: " + std::strerror(errno)};
  return {};
}

}  // namespace bp::cli
