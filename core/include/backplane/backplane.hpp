// Everything of the C++ API.
#pragma once

#include "backplane/device_memory.hpp"
#include "backplane/element_type.hpp"
#include "backplane/environment.hpp"
#include "backplane/model.hpp"
#include "backplane/report.hpp"
#include "backplane/saved_programs.hpp"
#include "backplane/session.hpp"
#include "backplane/status.hpp"
#include "backplane/tensor_file.hpp"
#include "backplane/value.hpp"
#include "backplane/version.hpp"
