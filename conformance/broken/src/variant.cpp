// The variant: BROKEN_VARIANT names the fault, BROKEN_SYNCHRONOUS the kind of device, BROKEN_ID the provider.
#include <backplane/provider/base.h>

#include <cstdlib>
#include <string_view>

#include "fault.hpp"

namespace broken {

extern const Fault kFault = Fault::BROKEN_VARIANT;
extern const bool kSynchronous = BROKEN_SYNCHRONOUS != 0;
extern const std::string_view kId = BROKEN_ID;

namespace {

__attribute__((constructor)) void when_loaded() {
  if (has(Fault::crashes_when_loaded)) std::abort();
}

}  // namespace
}  // namespace broken

// A second export beside the entry, for the variant that exports_more.
BP_EXTERN_C_BEGIN
BP_EXPORT int bp_one_export_too_many(void);
BP_EXTERN_C_END
int bp_one_export_too_many() { return static_cast<int>(broken::kFault); }
