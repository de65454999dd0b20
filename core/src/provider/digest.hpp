// SHA-256 of bytes in memory.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace bp {

// 64 lower-case hex digits; empty when the crypto library refuses.
std::string sha256_hex(std::span<const std::byte> bytes);

}  // namespace bp
