// Streams and events: order, errors that travel, callbacks, what happens after a run's event.
#pragma once

#include "groups/group.hpp"

namespace bp::conformance {

Group streams_group();

}  // namespace bp::conformance
