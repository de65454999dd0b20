// What a provider throws inside; guard.hpp keeps it from crossing.
#ifndef BACKPLANE_PROVIDER_CPP_ERROR_HPP
#define BACKPLANE_PROVIDER_CPP_ERROR_HPP

#include <stdexcept>
#include <string>

#include "../provider/status.h"

namespace bp::sdk {

// An error with a BP_STATUS_ code and the vendor's own number (0: none).
class Error : public std::runtime_error {
 public:
  Error(uint32_t code, const std::string& text, int64_t provider_code = 0)
      : std::runtime_error(text), code_(code), provider_code_(provider_code) {}
  [[nodiscard]] uint32_t code() const { return code_; }
  [[nodiscard]] int64_t provider_code() const { return provider_code_; }

 private:
  uint32_t code_;
  int64_t provider_code_;
};

}  // namespace bp::sdk

#endif
