# Language level, warnings, visibility, linker, compiler cache and sanitizers for every target of this tree.
# An installed package carries none of this: what its users need is on the exported targets themselves.

option(BACKPLANE_WERROR "Treat warnings as errors" ${PROJECT_IS_TOP_LEVEL})
set(BACKPLANE_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them (address,undefined or thread)")

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion)
if(BACKPLANE_WERROR)
  add_compile_options(-Werror)
endif()
# Unused sections go: onnx and protobuf headers leave many behind.
add_compile_options(-ffunction-sections -fdata-sections)
add_link_options(-Wl,--gc-sections -Wl,--as-needed)

find_program(BACKPLANE_CCACHE ccache)
if(BACKPLANE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER ${BACKPLANE_CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${BACKPLANE_CCACHE})
endif()

find_program(BACKPLANE_LLD ld.lld)
if(BACKPLANE_LLD)
  add_link_options(-fuse-ld=lld)
endif()

if(BACKPLANE_SANITIZE)
  add_compile_options(-fsanitize=${BACKPLANE_SANITIZE} -fno-omit-frame-pointer)
  # Instrumented code confuses gcc's flow analysis: std::function alone sets this warning off.
  add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-maybe-uninitialized>)
  if(BACKPLANE_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
  add_link_options(-fsanitize=${BACKPLANE_SANITIZE})
endif()
