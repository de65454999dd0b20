# A stranger's view of an installation: find_package() works, a provider builds and lands beside its manifest with one
# symbol exported, a program links the C++ API and runs.
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)

build(${CMAKE_CURRENT_LIST_DIR}/provider provider)
expect_file(${scratch}/provider/plugins/libsdk_probe.so ${plugins}/libsdk_probe.so ${plugins}/sdk_probe.json)
file(READ ${plugins}/sdk_probe.json manifest)
string(JSON library GET "${manifest}" library path)
if(NOT library STREQUAL "libsdk_probe.so")
  message(FATAL_ERROR "the manifest names '${library}'")
endif()
expect_only_the_entry(${plugins}/libsdk_probe.so)

build(${SOURCE_DIR}/examples/provider_minimal minimal)
expect_file(${scratch}/minimal/plugins/bp_minimal.json)
expect_only_the_entry(${scratch}/minimal/plugins/libbp_minimal.so)

build(${CMAKE_CURRENT_LIST_DIR}/consumer consumer)
# Nothing but the place of the library may lead to the providers.
run(${CMAKE_COMMAND} -E env --unset=BACKPLANE_PROVIDER_PATH --unset=BACKPLANE_ADD_PROVIDER_PATH
  ${scratch}/consumer/consumer)
if(NOT output MATCHES "^backplane [0-9]+\\.[0-9]+\\.[0-9]+\n")
  message(FATAL_ERROR "the program printed '${output}'")
endif()
# The probe declines every host.
if(NOT output MATCHES "\norg\\.example\\.sdk_probe rejected [^\n]*/backplane/providers\\.d/sdk_probe\\.json\n")
  message(FATAL_ERROR "the provider beside the library was not found and tried:\n${output}")
endif()
if(EXISTS ${plugins}/bp_cpu.json AND NOT output MATCHES "\nbackplane\\.cpu loaded [^\n]*/bp_cpu\\.json\n")
  message(FATAL_ERROR "the installed CPU provider was not loaded:\n${output}")
endif()

if(EXISTS ${prefix}/bin/backplane)
  run(${prefix}/bin/backplane --version)
endif()
