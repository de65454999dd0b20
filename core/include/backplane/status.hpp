// Errors as values: Status for calls that return nothing, Result<T> for calls that return a T.
// Result<T>::value() throws bp::Error, so code that prefers exceptions needs nothing else.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "backplane/export.hpp"

namespace bp {

// What the caller should do about an error. Numbers equal the provider ABI's BP_STATUS_* codes.
enum class ErrorCode : uint32_t {
  kOk = 0,
  kInvalidArgument = 1,  // the call is wrong: mend the call
  kInvalidModel = 2,     // the model is wrong: mend the model
  kUnsupported = 3,      // valid, but not on this device or provider: try another
  kUnimplemented = 4,    // the entry point does not exist in this provider
  kOutOfHostMemory = 5,
  kOutOfDeviceMemory = 6,
  kDeviceLost = 7,  // every object of the device is dead: open a new session
  kCancelled = 8,   // the caller asked for it
  kTimeout = 9,
  kIncompatible = 10,  // versions, artefacts or machines that do not fit together
  kNotFound = 11,      // a file, a name, a device
  kIo = 12,
  kInternal = 13,  // a bug on our side or a provider's
};

// "INVALID_MODEL" and the like; "UNKNOWN" for a number outside the list.
BP_API const char* error_code_name(ErrorCode code) noexcept;

class [[nodiscard]] BP_API Status {
 public:
  Status() noexcept = default;  // success
  Status(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  bool ok() const noexcept { return code_ == ErrorCode::kOk; }
  ErrorCode code() const noexcept { return code_; }
  const std::string& message() const noexcept { return message_; }
  // "INVALID_MODEL: Conv 'conv_12': ..." or "OK".
  std::string to_string() const;
  // The same error with "place: " before its message; success stays success.
  Status at(const std::string& place) const { return ok() ? *this : Status(code_, place + ": " + message_); }

 private:
  ErrorCode code_ = ErrorCode::kOk;
  std::string message_;
};

// What Result<T>::value() throws.
class BP_API Error : public std::runtime_error {
 public:
  explicit Error(Status status) : std::runtime_error(status.to_string()), status_(std::move(status)) {}
  const Status& status() const noexcept { return status_; }

 private:
  Status status_;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}       // NOLINT: implicit on purpose
  Result(Status error) : status_(std::move(error)) {  // NOLINT: implicit on purpose
    if (status_.ok()) status_ = Status(ErrorCode::kInternal, "Result made from an ok Status");
  }

  bool ok() const noexcept { return value_.has_value(); }
  explicit operator bool() const noexcept { return ok(); }
  const Status& status() const noexcept { return status_; }

  // The value, or throws bp::Error.
  T& value() & {
    require();
    return *value_;
  }
  const T& value() const& {
    require();
    return *value_;
  }
  T&& value() && {
    require();
    return std::move(*value_);
  }

  // The value without a check; only after ok().
  T& operator*() & noexcept { return *value_; }
  const T& operator*() const& noexcept { return *value_; }
  T&& operator*() && noexcept { return std::move(*value_); }
  T* operator->() noexcept { return &*value_; }
  const T* operator->() const noexcept { return &*value_; }

 private:
  void require() const {
    if (!value_) throw Error(status_);
  }
  Status status_;
  std::optional<T> value_;
};

}  // namespace bp

// Leaves the function with the error of `expr` (a Status).
#define BP_RETURN_IF_ERROR(expr)                                               \
  do {                                                                         \
    if (::bp::Status bp_status_ = (expr); !bp_status_.ok()) return bp_status_; \
  } while (0)

// `lhs` = the value of `expr` (a Result), or leaves the function with its error.
#define BP_ASSIGN_OR_RETURN(lhs, expr) BP_ASSIGN_OR_RETURN_(BP_CONCAT_(bp_result_, __LINE__), lhs, expr)
#define BP_ASSIGN_OR_RETURN_(tmp, lhs, expr) \
  auto tmp = (expr);                         \
  if (!tmp.ok()) return tmp.status();        \
  lhs = std::move(*tmp)
#define BP_CONCAT_(a, b) BP_CONCAT2_(a, b)
#define BP_CONCAT2_(a, b) a##b
