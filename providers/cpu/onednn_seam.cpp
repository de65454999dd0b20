// oneDNN's versions behind one interface.
#include "onednn_seam.hpp"

#include <oneapi/dnnl/dnnl.hpp>

#include "support.hpp"

namespace bp::cpu {

std::string onednn_version() {
  const dnnl_version_t* version = dnnl_version();
  return text("oneDNN ", version->major, ".", version->minor, ".", version->patch);
}

}  // namespace bp::cpu
