// The functions behind bp_host.
#pragma once

#include "backplane/provider/host.h"

namespace bp {

class HostTable;

// Fills the function pointers of `table`.
void fill_host_functions(HostTable& table);

}  // namespace bp
