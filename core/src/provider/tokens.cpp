#include "provider/tokens.hpp"

namespace bp {

Status CancelToken::status() const {
  if (cancelled()) return Status(ErrorCode::kCancelled, "cancelled by the caller");
  if (expired()) return Status(ErrorCode::kTimeout, "the time limit is over");
  return {};
}

}  // namespace bp
