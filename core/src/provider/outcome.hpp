// What became of every candidate that discovery met, as data: for `backplane providers`, for messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bp {

enum class OutcomeState : uint8_t { kAvailable, kLoaded, kShadowed, kDisabled, kRejected };
// "available", "loaded", "shadowed", "disabled", "rejected".
std::string_view outcome_state_name(OutcomeState state) noexcept;

enum class OutcomeReason : uint8_t {
  kNone,
  kJsonSyntax,       // line and column in the sentence
  kManifestVersion,  // an unknown major
  kFieldMissing,
  kFieldInvalid,
  kFileMissing,
  kUnreadable,  // exists, but cannot be read; or is no regular file; or too large
  kWrongOs,
  kWrongArchitecture,
  kNoVariant,  // no library suits this CPU
  kTruncated,  // the file is shorter than its own headers say, or no ELF library
  kDependencyMissing,
  kSymbolMissing,
  kAbiRange,
  kMandatoryNull,
  kOpenFailed,
  kNoDevice,
  kIdMismatch,
  kDigestWrong,
  kInsecurePath,
  kIsolation,       // asks for an isolation that is not offered
  kCrashedInProbe,  // it ended or blocked the process that loaded it first
  kLoadFailed,      // the dynamic linker said no, for another reason
  kSameId,          // shadowed by an earlier one
  kNotSelected,     // BACKPLANE_PROVIDERS_SELECT
  kDisabledByUser,  // BACKPLANE_PROVIDERS_DISABLE
  kSecureMode,      // a place that is ignored because of AT_SECURE
};
// "JSON_SYNTAX", ...
std::string_view outcome_reason_name(OutcomeReason reason) noexcept;

struct Outcome {
  std::string path;     // the manifest, or the folder that was ignored; empty: registered by pointer
  std::string library;  // the chosen library's real path, once known
  std::string rule;     // which rule found it: "explicit", "BACKPLANE_PROVIDER_PATH", "core library", ...
  std::string id;       // empty until the manifest was read
  std::string name;
  std::string version;
  OutcomeState state = OutcomeState::kRejected;
  OutcomeReason reason = OutcomeReason::kNone;
  std::string text;                         // a sentence that says what to do
  std::string shadowed_by;                  // path of the manifest that won
  std::vector<std::string> unknown_fields;  // JSON pointers of fields that were ignored
};

}  // namespace bp
