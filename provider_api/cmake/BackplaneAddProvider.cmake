# backplane_add_provider(NAME <name> SOURCES <file>... MANIFEST <json>
#                        [LIBRARIES <target>...] [OUTPUT_DIRECTORY <dir>] [NO_INSTALL])
#
# Adds the module target <name>: lib<name>.so, everything hidden but bp_provider_open_v1, no undefined symbol left.
# The manifest is copied beside it as <name>.json, with @BACKPLANE_PROVIDER_LIBRARY@ (lib<name>.so) and
# @PROJECT_VERSION@ replaced; both land in OUTPUT_DIRECTORY (default: <build>/plugins, a folder that
# `backplane --plugin-dir` takes) and are installed to <libdir>/backplane/providers.d, where the core looks.
include(GNUInstallDirs)

set(BACKPLANE_PROVIDER_MAP ${CMAKE_CURRENT_LIST_DIR}/provider.map CACHE INTERNAL "")

function(backplane_add_provider)
  cmake_parse_arguments(PARSE_ARGV 0 arg "NO_INSTALL" "NAME;MANIFEST;OUTPUT_DIRECTORY" "SOURCES;LIBRARIES")
  foreach(required NAME MANIFEST SOURCES)
    if(NOT arg_${required})
      message(FATAL_ERROR "backplane_add_provider: ${required} is missing")
    endif()
  endforeach()
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "backplane_add_provider(${arg_NAME}): unknown argument ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_OUTPUT_DIRECTORY)
    set(arg_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
  endif()

  add_library(${arg_NAME} MODULE ${arg_SOURCES})
  set_target_properties(${arg_NAME} PROPERTIES
    PREFIX lib
    OUTPUT_NAME ${arg_NAME}
    SUFFIX .so
    LIBRARY_OUTPUT_DIRECTORY ${arg_OUTPUT_DIRECTORY}
    POSITION_INDEPENDENT_CODE ON
    C_VISIBILITY_PRESET hidden
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    INSTALL_RPATH ""
    LINK_DEPENDS ${BACKPLANE_PROVIDER_MAP})
  target_link_libraries(${arg_NAME} PRIVATE BackplaneProvider::api ${arg_LIBRARIES})
  target_link_options(${arg_NAME} PRIVATE -Wl,--version-script=${BACKPLANE_PROVIDER_MAP})
  # A sanitizer's run-time symbols stay undefined on purpose; everything else must be there.
  get_directory_property(options COMPILE_OPTIONS)
  if(NOT "${options} ${CMAKE_C_FLAGS} ${CMAKE_CXX_FLAGS}" MATCHES "-fsanitize=")
    target_link_options(${arg_NAME} PRIVATE -Wl,-z,defs)
  endif()

  set(BACKPLANE_PROVIDER_LIBRARY lib${arg_NAME}.so)
  set(manifest ${arg_OUTPUT_DIRECTORY}/${arg_NAME}.json)
  configure_file(${arg_MANIFEST} ${manifest} @ONLY)
  if(NOT arg_NO_INSTALL)
    set(destination ${CMAKE_INSTALL_LIBDIR}/backplane/providers.d)
    install(TARGETS ${arg_NAME} LIBRARY DESTINATION ${destination} COMPONENT runtime)
    install(FILES ${manifest} DESTINATION ${destination} COMPONENT runtime)
  endif()
endfunction()
