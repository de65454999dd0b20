// All of the C++ help for authors of providers: header-only, C++20, namespace bp::sdk. It adds nothing to the
// ABI; every line of it can be written by hand against provider/*.h.
#ifndef BACKPLANE_PROVIDER_CPP_PROVIDER_HPP
#define BACKPLANE_PROVIDER_CPP_PROVIDER_HPP

#include "../provider/provider.h"
#include "constant.hpp"
#include "error.hpp"
#include "guard.hpp"
#include "handle.hpp"
#include "host.hpp"
#include "node.hpp"
#include "option.hpp"
#include "services.hpp"
#include "types.hpp"
#include "verdict.hpp"
#include "view.hpp"

#endif
