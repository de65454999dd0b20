# What a vendor gets, as the install component `conformance` and as an archive that runs from any folder (target
# conformance_archive). Programs are added with conformance_program(<target>).
set(conformance_share ${CMAKE_INSTALL_DATADIR}/backplane/conformance)

string(TOLOWER backplane-conformance-${PROJECT_VERSION}-${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR} archive)
add_custom_target(conformance_archive
  COMMAND ${CMAKE_COMMAND} -DBUILD_DIR=${PROJECT_BINARY_DIR} -DNAME=${archive} -P ${CMAKE_CURRENT_LIST_DIR}/archive.cmake
  COMMENT "Making ${archive}.tar.gz"
  VERBATIM)
add_dependencies(conformance_archive backplane_broken_providers)

function(conformance_program target)
  set_target_properties(${target} PROPERTIES INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
  install(TARGETS ${target} RUNTIME_DEPENDENCY_SET conformance_libraries
    RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT conformance)
  add_dependencies(conformance_archive ${target})
endfunction()

install(DIRECTORY data/ DESTINATION ${conformance_share} COMPONENT conformance
  PATTERN report.html EXCLUDE)  # is inside the program
install(FILES README.md ${PROJECT_SOURCE_DIR}/provider_api/docs/requirements.md
  ${PROJECT_SOURCE_DIR}/provider_api/manifest.schema.json
  DESTINATION ${conformance_share} COMPONENT conformance)
install(DIRECTORY docs DESTINATION ${conformance_share} COMPONENT conformance)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${conformance_share} COMPONENT conformance)

# For the program that runs whole models; it finds the libraries that the archive puts beside it.
set_target_properties(backplane PROPERTIES INSTALL_RPATH "$ORIGIN")
install(TARGETS backplane LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT conformance NAMELINK_SKIP)
add_dependencies(conformance_archive backplane)

# The archive brings the libraries that a machine may lack. Not those that providers use as well (C and C++ runtime,
# OpenSSL, zlib): what the runner has loaded a provider gets too, and it may need a newer one.
install(RUNTIME_DEPENDENCY_SET conformance_libraries
  PRE_INCLUDE_REGEXES "^lib(onnx|onnx_proto|protobuf|fmt|spdlog)\\.so" PRE_EXCLUDE_REGEXES "."
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT conformance_libraries EXCLUDE_FROM_ALL)
