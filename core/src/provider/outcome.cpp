#include "provider/outcome.hpp"

namespace bp {

std::string_view outcome_state_name(OutcomeState state) noexcept {
  switch (state) {
    case OutcomeState::kAvailable:
      return "available";
    case OutcomeState::kLoaded:
      return "loaded";
    case OutcomeState::kShadowed:
      return "shadowed";
    case OutcomeState::kDisabled:
      return "disabled";
    case OutcomeState::kRejected:
      break;
  }
  return "rejected";
}

std::string_view outcome_reason_name(OutcomeReason reason) noexcept {
  switch (reason) {
    case OutcomeReason::kNone:
      return "";
    case OutcomeReason::kJsonSyntax:
      return "JSON_SYNTAX";
    case OutcomeReason::kManifestVersion:
      return "MANIFEST_VERSION";
    case OutcomeReason::kFieldMissing:
      return "FIELD_MISSING";
    case OutcomeReason::kFieldInvalid:
      return "FIELD_INVALID";
    case OutcomeReason::kFileMissing:
      return "FILE_MISSING";
    case OutcomeReason::kUnreadable:
      return "UNREADABLE";
    case OutcomeReason::kWrongOs:
      return "WRONG_OS";
    case OutcomeReason::kWrongArchitecture:
      return "WRONG_ARCHITECTURE";
    case OutcomeReason::kNoVariant:
      return "NO_VARIANT";
    case OutcomeReason::kTruncated:
      return "TRUNCATED";
    case OutcomeReason::kDependencyMissing:
      return "DEPENDENCY_MISSING";
    case OutcomeReason::kSymbolMissing:
      return "SYMBOL_MISSING";
    case OutcomeReason::kAbiRange:
      return "ABI_RANGE";
    case OutcomeReason::kMandatoryNull:
      return "MANDATORY_NULL";
    case OutcomeReason::kOpenFailed:
      return "OPEN_FAILED";
    case OutcomeReason::kNoDevice:
      return "NO_DEVICE";
    case OutcomeReason::kIdMismatch:
      return "ID_MISMATCH";
    case OutcomeReason::kDigestWrong:
      return "DIGEST_WRONG";
    case OutcomeReason::kInsecurePath:
      return "INSECURE_PATH";
    case OutcomeReason::kIsolation:
      return "ISOLATION";
    case OutcomeReason::kCrashedInProbe:
      return "CRASHED_IN_PROBE";
    case OutcomeReason::kLoadFailed:
      return "LOAD_FAILED";
    case OutcomeReason::kSameId:
      return "SAME_ID";
    case OutcomeReason::kNotSelected:
      return "NOT_SELECTED";
    case OutcomeReason::kDisabledByUser:
      return "DISABLED_BY_USER";
    case OutcomeReason::kSecureMode:
      return "SECURE_MODE";
  }
  return "UNKNOWN";
}

}  // namespace bp
