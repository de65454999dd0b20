// The version, as the build was configured with it.
#include "backplane/version.hpp"

namespace bp {

std::string_view version() noexcept { return BP_VERSION_STRING; }

}  // namespace bp
