// usage: conformance_sample_report FOLDER sample|hostile [OPERATORS]
// Writes a made-up report in every format, for the tests that look at the files from outside.
#include <cstdio>
#include <string>

#include "report/report_files.hpp"
#include "sample_report_helper.hpp"

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("usage: conformance_sample_report FOLDER sample|hostile [OPERATORS]\n", stderr);
    return 2;
  }
  const bool hostile = std::string(argv[2]) == "hostile";
  const size_t operators = argc > 3 ? std::stoul(argv[3]) : 12;
  bp::conformance::write_report_files(hostile ? bp::test::hostile_report() : bp::test::sample_report(operators),
                                      argv[1]);
  return 0;
}
