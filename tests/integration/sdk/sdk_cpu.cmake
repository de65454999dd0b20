# providers/cpu alone, against the installation. Unoptimized: only whether it builds is asked.
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)

build(${SOURCE_DIR}/providers/cpu cpu -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0
  -DCMAKE_INSTALL_PREFIX=${scratch}/cpu_prefix)
set(plugins ${scratch}/cpu_prefix/${LIBDIR}/backplane/providers.d)
expect_file(${plugins}/libbp_cpu.so ${plugins}/bp_cpu.json)
expect_only_the_entry(${plugins}/libbp_cpu.so)
