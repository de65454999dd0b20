# What the SDK tests share: their folders, and how a project that knows nothing but the installation is built.
cmake_policy(VERSION 3.25)

set(scratch ${BUILD_DIR}/sdk_test)
set(prefix ${scratch}/prefix)
set(plugins ${prefix}/${LIBDIR}/backplane/providers.d)

# Runs a command, fails with what it printed, leaves that in `output`.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "failed: ${command}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# build(<folder> <name> [<cmake option>...]): configures, builds and installs into the prefix.
function(build folder name)
  file(REMOVE_RECURSE ${scratch}/${name})
  run(${CMAKE_COMMAND} -S ${folder} -B ${scratch}/${name} -G ${GENERATOR}
    -DCMAKE_BUILD_TYPE=${CONFIG} -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_INSTALL_PREFIX=${prefix}
    -DCMAKE_INSTALL_LIBDIR=${LIBDIR} -DCMAKE_C_FLAGS=${FLAGS} -DCMAKE_CXX_FLAGS=${FLAGS}
    -DCMAKE_C_COMPILER_LAUNCHER=${LAUNCHER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER} ${ARGN})
  run(${CMAKE_COMMAND} --build ${scratch}/${name})
  run(${CMAKE_COMMAND} --install ${scratch}/${name})
endfunction()

# One symbol, the entry. A sanitizer adds its own.
function(expect_only_the_entry library)
  run(nm -D --defined-only ${library})
  if(NOT FLAGS AND NOT output MATCHES "^[^\n]* T bp_provider_open_v1\n$")
    message(FATAL_ERROR "${library} exports more or less than its entry:\n${output}")
  endif()
endfunction()

function(expect_file)
  foreach(file IN LISTS ARGN)
    if(NOT EXISTS ${file})
      message(FATAL_ERROR "missing: ${file}")
    endif()
  endforeach()
endfunction()
