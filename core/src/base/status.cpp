// Names of the error codes and the printed form of Status.
#include "backplane/status.hpp"

namespace bp {

const char* error_code_name(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::kOk:
      return "OK";
    case ErrorCode::kInvalidArgument:
      return "INVALID_ARGUMENT";
    case ErrorCode::kInvalidModel:
      return "INVALID_MODEL";
    case ErrorCode::kUnsupported:
      return "UNSUPPORTED";
    case ErrorCode::kUnimplemented:
      return "UNIMPLEMENTED";
    case ErrorCode::kOutOfHostMemory:
      return "OUT_OF_HOST_MEMORY";
    case ErrorCode::kOutOfDeviceMemory:
      return "OUT_OF_DEVICE_MEMORY";
    case ErrorCode::kDeviceLost:
      return "DEVICE_LOST";
    case ErrorCode::kCancelled:
      return "CANCELLED";
    case ErrorCode::kTimeout:
      return "TIMEOUT";
    case ErrorCode::kIncompatible:
      return "INCOMPATIBLE";
    case ErrorCode::kNotFound:
      return "NOT_FOUND";
    case ErrorCode::kIo:
      return "IO";
    case ErrorCode::kInternal:
      return "INTERNAL";
  }
  return "UNKNOWN";
}

std::string Status::to_string() const {
  if (ok()) return "OK";
  return std::string(error_code_name(code_)) + ": " + message_;
}

}  // namespace bp
