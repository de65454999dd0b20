# provider_api/docs/first_provider.md, done as it says against the installation: clone the skeleton, judge it, put in the
# operator whose files the page shows, judge it again.
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)

set(folder ${scratch}/first_hour)
set(manifest ${folder}/build/plugins/my_provider.json)
set(runner ${prefix}/bin/backplane-conformance)
file(REMOVE_RECURSE ${folder})
file(COPY ${prefix}/share/backplane/examples/provider_skeleton DESTINATION ${folder})

function(build_provider)
  run(${CMAKE_COMMAND} -S ${folder}/provider_skeleton -B ${folder}/build -G ${GENERATOR}
    -DCMAKE_BUILD_TYPE=${CONFIG} -DCMAKE_PREFIX_PATH=${prefix}
    "-DCMAKE_C_FLAGS=${FLAGS} -Wall -Wextra -Wpedantic -Werror" -DCMAKE_C_COMPILER_LAUNCHER=${LAUNCHER})
  run(${CMAKE_COMMAND} --build ${folder}/build)
endfunction()

# expect_judged(<pattern of the last line> <argument>...)
function(expect_judged pattern)
  run(${runner} run --provider ${manifest} ${ARGN})
  if(NOT output MATCHES "${pattern}")
    message(FATAL_ERROR "${ARGN}: expected '${pattern}', the runner printed:\n${output}")
  endif()
endfunction()

# Writes the file that the page shows whole, in a block that begins with its name.
function(take_from_page name)
  file(READ ${prefix}/share/backplane/docs/first_provider.md page)
  string(FIND "${page}" "```c\n/* ${name}:" begin)
  if(begin EQUAL -1)
    message(FATAL_ERROR "first_provider.md shows no ${name}")
  endif()
  math(EXPR begin "${begin} + 5")
  string(SUBSTRING "${page}" ${begin} -1 text)
  string(FIND "${text}" "\n```" end)
  string(SUBSTRING "${text}" 0 ${end} text)
  file(WRITE ${folder}/provider_skeleton/${name} "${text}\n")
endfunction()

build_provider()
expect_only_the_entry(${folder}/build/plugins/libmy_provider.so)
run(${prefix}/bin/backplane providers --plugin-dir ${folder}/build/plugins)
if(NOT output MATCHES "loaded +com\\.example\\.mine 1\\.0\\.0")
  message(FATAL_ERROR "the cloned skeleton was not loaded:\n${output}")
endif()
expect_judged(" [1-9][0-9]* Pass" --level 0)

take_from_page(operators.c)
take_from_page(program.c)
build_provider()
expect_judged(" [1-9][0-9]* Pass" --level 0)
expect_judged("1 cases: 1 Pass" --level 0 --filter memory.guard_pages)  # it ran the operator
expect_judged("1 cases: 1 Pass" --level 1 --op Neg --dtype float32)
expect_judged(" [1-9][0-9]* Unsupported" --level 1 --op Neg --dtype int32)
