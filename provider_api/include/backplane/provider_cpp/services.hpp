// Host services that call back into the provider: a parallel loop, and a view written as ONNX bytes.
#ifndef BACKPLANE_PROVIDER_CPP_SERVICES_HPP
#define BACKPLANE_PROVIDER_CPP_SERVICES_HPP

#include <string>
#include <utility>

#include "guard.hpp"

namespace bp::sdk {

// body(begin, end) over [0, count) in pieces of at least `grain`, on the host's threads and this one; throws
// the first error after all pieces ended. For compile, not for run.
template <class Body>
void parallel_for(Host host, uint64_t count, uint64_t grain, Body&& body) {
  struct Loop {
    Host host;
    std::remove_reference_t<Body>& body;
  } loop{host, body};
  const bp_loop_body piece = [](void* user, uint64_t begin, uint64_t end) -> bp_status {
    auto& self = *static_cast<Loop*>(user);
    return guard(self.host, [&] { self.body(begin, end); });
  };
  host.check(host.get()->parallel_for(host.get(), count, grain, piece, &loop));
}

// `graph` as an ONNX ModelProto; flags: BP_ONNX_. Only during the call that received the view.
[[nodiscard]] inline std::string to_onnx(Host host, const bp_graph& graph, uint32_t flags) {
  struct Target {
    Host host;
    std::string bytes;
  } target{host, {}};
  bp_bytes_sink sink{};
  sink.struct_size = BP_STRUCT_SIZE(bp_bytes_sink, write);
  sink.user = &target;
  sink.write = [](void* user, const void* data, uint64_t size) -> bp_status {
    auto& self = *static_cast<Target*>(user);
    return guard(self.host,
                 [&] { self.bytes.append(static_cast<const char*>(data), static_cast<std::size_t>(size)); });
  };
  host.check(host.get()->graph_to_onnx(host.get(), &graph, flags, &sink));
  return std::move(target.bytes);
}

}  // namespace bp::sdk

#endif
