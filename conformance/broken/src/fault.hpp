// Which of the faults of table.json this library has. All variants are one set of objects; only variant.cpp is
// compiled for each.
#pragma once

#include <string_view>

#include "fault_names.hpp"  // generated from table.json: enum class Fault

namespace broken {

extern const Fault kFault;

// True in the one variant that has this fault.
inline bool has(Fault fault) { return kFault == fault; }

// A device of host memory whose calls are over when they return; else one with memory without an address,
// streams and events.
extern const bool kSynchronous;

// The id in the manifest.
extern const std::string_view kId;

}  // namespace broken
