# cmake -DOUTPUT=kernels.cpp "-DKERNELS=a.cl;b.cl" -P embed.cmake: kernel_source(), with the text of every kernel file.
set(code "#include \"programs.hpp\"\n\nnamespace bp::opencl {\n\nstd::string_view kernel_source(std::string_view name) {\n")
foreach(kernel IN LISTS KERNELS)
  get_filename_component(name ${kernel} NAME_WE)
  file(READ ${kernel} text)
  string(APPEND code "  if (name == \"${name}\") return R\"kernel(${text})kernel\";\n")
endforeach()
string(APPEND code "  throw Error(BP_STATUS_INTERNAL, text(\"there is no kernel file '\", name, \"'\"));\n}\n\n}  // namespace bp::opencl\n")
file(WRITE ${OUTPUT} "${code}")
