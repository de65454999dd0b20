# The libraries the core links, each behind one name so that no other file knows how a distribution packages it.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)  # the tests use them too
find_package(Threads REQUIRED)
find_package(Protobuf REQUIRED)
find_package(ONNX CONFIG REQUIRED)
find_package(fmt CONFIG REQUIRED)
find_package(spdlog CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(Boost 1.74 CONFIG REQUIRED)

# libonnx and its protobuf classes: a plain `onnx` target up to 1.16, a namespaced one later.
add_library(backplane_onnx INTERFACE)
if(TARGET ONNX::onnx)
  target_link_libraries(backplane_onnx INTERFACE ONNX::onnx ONNX::onnx_proto protobuf::libprotobuf)
else()
  target_link_libraries(backplane_onnx INTERFACE onnx onnx_proto protobuf::libprotobuf)
endif()

find_path(BACKPLANE_XXHASH_INCLUDE xxhash.h REQUIRED)
