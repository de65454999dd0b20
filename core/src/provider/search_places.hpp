// The search order: which files and folders are looked at, by which rule. Reads no manifest.
#pragma once

#include <string>
#include <vector>

#include "provider/discovery.hpp"

namespace bp {

struct SearchPlace {
  std::string path;  // absolute
  std::string rule;
  bool must_exist = false;    // somebody named it: absence is an outcome
  bool system_place = false;  // who can write its files is checked
  std::string ignored;        // not empty: why it is not looked at
};

struct SearchPlan {
  std::vector<SearchPlace> places;
  std::vector<std::string> select;   // globs on the id; empty: all
  std::vector<std::string> disable;  // globs on the id
};

SearchPlan plan_search(const DiscoveryOptions& options);

}  // namespace bp
