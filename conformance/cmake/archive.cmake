# cmake -DBUILD_DIR=<build> -DNAME=<name> -P archive.cmake: installs the runner and what it needs into a folder of its
# own and makes <build>/<name>.tar.gz of that.
set(stage ${BUILD_DIR}/conformance/archive)
file(REMOVE_RECURSE ${stage})
foreach(component conformance conformance_libraries)
  execute_process(
    COMMAND ${CMAKE_COMMAND} --install ${BUILD_DIR} --component ${component} --strip --prefix ${stage}/${NAME}
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endforeach()
execute_process(
  COMMAND ${CMAKE_COMMAND} -E tar czf ${BUILD_DIR}/${NAME}.tar.gz ${NAME}
  WORKING_DIRECTORY ${stage} COMMAND_ERROR_IS_FATAL ANY)
