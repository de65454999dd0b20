// Links the shared library and calls it.
#include <backplane/version.hpp>
#include <iostream>

int main() {
  std::cout << "backplane " << bp::version() << "\n";
  return 0;
}
