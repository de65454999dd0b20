// The one place that knows oneDNN's version: 2.6 and 3.x differ in how memory descriptors are read, primitive
// descriptors are made and attributes are set.
#pragma once

#include <string>

namespace bp::cpu {

std::string onednn_version();  // "oneDNN 2.6.3"

}  // namespace bp::cpu
