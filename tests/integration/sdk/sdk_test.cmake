# A stranger's view of an installation: find_package() works, a provider builds and lands beside its manifest with one
# symbol exported, a program links the C++ API and runs, nothing refers to this source tree.
cmake_minimum_required(VERSION 3.25)

set(scratch ${BUILD_DIR}/sdk_test)
set(prefix ${scratch}/prefix)
file(REMOVE_RECURSE ${scratch})

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "failed: ${command}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# build(<folder> <name>): configures, builds and installs a project that knows the prefix alone.
function(build folder name)
  run(${CMAKE_COMMAND} -S ${folder} -B ${scratch}/${name} -G ${GENERATOR}
    -DCMAKE_BUILD_TYPE=${CONFIG} -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_INSTALL_PREFIX=${prefix}
    -DCMAKE_INSTALL_LIBDIR=${LIBDIR} -DCMAKE_C_FLAGS=${FLAGS} -DCMAKE_CXX_FLAGS=${FLAGS}
    -DCMAKE_C_COMPILER_LAUNCHER=${LAUNCHER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER})
  run(${CMAKE_COMMAND} --build ${scratch}/${name})
  run(${CMAKE_COMMAND} --install ${scratch}/${name})
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${prefix})

file(GLOB_RECURSE scripts ${prefix}/*.cmake)
foreach(script IN LISTS scripts)
  file(READ ${script} text)
  string(FIND "${text}" "${SOURCE_DIR}/" place)
  if(NOT place EQUAL -1)
    message(FATAL_ERROR "${script} refers to ${SOURCE_DIR}")
  endif()
endforeach()

build(${CMAKE_CURRENT_LIST_DIR}/provider provider)
set(plugins ${prefix}/${LIBDIR}/backplane/providers.d)
foreach(file ${scratch}/provider/plugins/libsdk_probe.so ${plugins}/libsdk_probe.so ${plugins}/sdk_probe.json)
  if(NOT EXISTS ${file})
    message(FATAL_ERROR "the provider's build did not make ${file}")
  endif()
endforeach()
file(READ ${plugins}/sdk_probe.json manifest)
string(JSON library GET "${manifest}" library path)
if(NOT library STREQUAL "libsdk_probe.so")
  message(FATAL_ERROR "the manifest names '${library}'")
endif()
run(nm -D --defined-only ${plugins}/libsdk_probe.so)
if(NOT FLAGS AND NOT output MATCHES "^[^\n]* T bp_provider_open_v1\n$")
  message(FATAL_ERROR "the provider exports more or less than its entry:\n${output}")
endif()

build(${CMAKE_CURRENT_LIST_DIR}/consumer consumer)
run(${scratch}/consumer/consumer)
if(NOT output MATCHES "^backplane [0-9]+\\.[0-9]+\\.[0-9]+\n")
  message(FATAL_ERROR "the program printed '${output}'")
endif()
