#include "types.hpp"

#include <backplane/provider_cpp/types.hpp>

namespace bp::opencl {

namespace {

struct Names {
  std::string_view storage, compute, bits;
};

Names names(Type type) noexcept {
  switch (type) {
    case Type::kFloat32:
      return {"float", "float", "uint"};
    case Type::kFloat64:
      return {"double", "double", "ulong"};
    case Type::kFloat16:
      return {"half", "float", "ushort"};
    case Type::kBfloat16:
      return {"bfloat16", "float", "ushort"};
    case Type::kInt8:
      return {"char", "char", "uchar"};
    case Type::kInt16:
      return {"short", "short", "ushort"};
    case Type::kInt32:
      return {"int", "int", "uint"};
    case Type::kInt64:
      return {"long", "long", "ulong"};
    case Type::kUint8:
    case Type::kBool:
      return {"uchar", "uchar", "uchar"};
    case Type::kUint16:
      return {"ushort", "ushort", "ushort"};
    case Type::kUint32:
      return {"uint", "uint", "uint"};
    case Type::kUint64:
      return {"ulong", "ulong", "ulong"};
    default:
      return {};
  }
}

}  // namespace

Half::operator float() const noexcept {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16;
  const uint32_t exponent = (bits >> 10) & 0x1Fu;
  const uint32_t fraction = bits & 0x3FFu;
  if (exponent == 0x1F) return std::bit_cast<float>(sign | 0x7F800000u | (fraction << 13));
  if (exponent != 0) return std::bit_cast<float>(sign | ((exponent + 112) << 23) | (fraction << 13));
  // Zero and denormals: fraction * 2^-24 is exact in float.
  const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(magnitude));
}

uint32_t element_size(Type type) noexcept {
  return in(type, kMovable) ? sdk::element_type(static_cast<uint32_t>(type)).bits / 8 : 0;
}

std::string_view type_name(Type type) noexcept { return sdk::element_type(static_cast<uint32_t>(type)).name; }

std::string mask_names(TypeMask types) {
  std::string list;
  for (uint32_t number = 0; number < 64; ++number) {
    if ((types >> number & 1u) == 0) continue;
    if (!list.empty()) list += ", ";
    list += type_name(static_cast<Type>(number));
  }
  return list;
}

std::string_view storage_name(Type type) noexcept { return names(type).storage; }
std::string_view compute_name(Type type) noexcept { return names(type).compute; }
std::string_view bits_name(Type type) noexcept { return names(type).bits; }

int64_t element_count(const Dims& dims) noexcept {
  int64_t count = 1;
  for (const int64_t dim : dims) count *= dim;
  return count;
}

std::string dims_text(const Dims& dims) {
  std::string list = "[";
  for (const int64_t dim : dims) {
    if (list.size() > 1) list += ",";
    list += dim < 0 ? std::string("?") : std::to_string(dim);
  }
  return list + "]";
}

}  // namespace bp::opencl
