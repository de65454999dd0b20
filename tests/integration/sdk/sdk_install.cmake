# Installs the build; nothing in it may refer to the source tree.
include(${CMAKE_CURRENT_LIST_DIR}/common.cmake)

file(REMOVE_RECURSE ${scratch})
run(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${prefix})

file(GLOB_RECURSE texts ${prefix}/*.cmake ${prefix}/*.json ${prefix}/*.h ${prefix}/*.hpp)
foreach(text_file IN LISTS texts)
  file(READ ${text_file} text)
  string(FIND "${text}" "${SOURCE_DIR}/" place)
  if(NOT place EQUAL -1)
    message(FATAL_ERROR "${text_file} refers to ${SOURCE_DIR}")
  endif()
endforeach()
