#include "report/report_files.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

#include "report/formats.hpp"
#include "report/json_report.hpp"

namespace bp::conformance {
namespace {

// Beside its place first, then moved there: a reader never sees half a file.
void write_file(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::path part = path;
  part += ".part";
  errno = 0;
  std::ofstream file(part, std::ios::binary | std::ios::trunc);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
  file.close();
  if (!file) {
    throw std::runtime_error(
        fmt::format("cannot write '{}': {}", part.string(), std::generic_category().message(errno)));
  }
  std::filesystem::rename(part, path);
}

}  // namespace

std::string read_report_text(const std::filesystem::path& file_or_folder) {
  const bool is_folder = std::filesystem::is_directory(file_or_folder);
  const std::filesystem::path path = is_folder ? file_or_folder / "report.json" : file_or_folder;
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || file.bad()) {
    throw std::runtime_error(
        fmt::format("cannot read '{}': {}", path.string(), std::generic_category().message(errno)));
  }
  return text;
}

void write_report_files(const Report& report, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  write_file(folder / "report.json", write_report_json(report));
  write_file(folder / "junit.xml", write_junit(report));
  write_file(folder / "cases.csv", write_csv(report));
  write_file(folder / "report.html", write_page(report));
  write_file(folder / "badge.svg", write_badge(report));
}

}  // namespace bp::conformance
