//! Which addresses there are: read from the API document, so that it cannot leave one out. What is not in this table is
//! answered before the framework sees it, and is no label of a metric.

use std::collections::HashMap;

use poem::http::{HeaderValue, Method};
use serde_json::Value;

use crate::api::resource;
use crate::docs;
use crate::pages::paths;
use crate::{aidbox, oauth, orion};

/// An address.
pub(crate) struct Route {
    /// Its pattern, as in the document.
    pub pattern: &'static str,
    /// Its place among all addresses.
    pub number: usize,
    methods: Vec<Method>,
    /// The methods, for `Allow`.
    pub allow: HeaderValue,
}

impl Route {
    fn new(number: usize, pattern: &'static str, mut methods: Vec<Method>) -> Self {
        if methods.contains(&Method::GET) {
            methods.push(Method::HEAD);
        }
        methods.push(Method::OPTIONS);
        let names: Vec<&str> = methods.iter().map(Method::as_str).collect();
        let allow = HeaderValue::from_str(&names.join(", ")).unwrap_or_else(|_| HeaderValue::from_static("OPTIONS"));
        Self {
            pattern,
            number,
            methods,
            allow,
        }
    }

    /// Whether it knows the method.
    pub fn knows(&self, method: &Method) -> bool {
        self.methods.contains(method)
    }

    /// Whether it is the address of the resource.
    pub fn is_resource(&self) -> bool {
        self.pattern == resource::PATH
    }

    /// Whether scripts of the web origins of clients may call it.
    pub fn admits_scripts_of_clients(&self) -> bool {
        oauth::admits_scripts_of_clients(self.pattern)
    }

    /// Whether its errors are in the shape of OAuth.
    pub fn is_oauth(&self) -> bool {
        oauth::is_endpoint(self.pattern)
    }

    /// Whether it is a page for people, which no script of another origin may call.
    pub fn is_page(&self) -> bool {
        paths::owns(self.pattern)
    }

    /// Whether it belongs to the Orion profile, and exists only where that is switched on.
    pub fn is_orion(&self) -> bool {
        orion::owns(self.pattern)
    }

    /// Whether a call of it with this method carries a secret that could be guessed, or is work for somebody who has proved
    /// nothing, so that it is limited by network.
    pub fn takes_credentials(&self, method: &Method) -> bool {
        if self.is_orion() {
            return matches!(*method, Method::POST | Method::PUT);
        }
        if self.is_page() {
            return method == Method::POST && paths::takes_credentials(self.pattern);
        }
        if aidbox::takes_codes(self.pattern) {
            return method == Method::POST;
        }
        method == Method::POST
            && matches!(
                self.pattern,
                "/v1/token"
                    | "/v1/token/refresh"
                    | "/v1/token/revoke"
                    | "/v1/users"
                    | "/v1/me/password"
                    | "/v1/me/secret-key/rotate"
                    | "/v1/me/authenticators/{id}/confirm"
                    | "/v1/token/step-up"
                    | "/v1/enrolment/totp"
                    | "/v1/enrolment/hotp"
                    | "/v1/enrolment/qr"
                    | "/v1/enrolment/confirm"
                    | "/auth/challenge"
                    | "/auth/device_authorization"
                    | "/auth/par"
                    | "/auth/revoke"
                    | "/auth/token"
            )
    }
}

/// Every address.
pub(crate) struct Routes {
    fixed: HashMap<&'static str, Route>,
    variable: Vec<(Vec<&'static str>, Route)>,
}

impl Routes {
    /// The addresses of the document, and those of pages. A table lives as long as the service, so its texts are given away.
    pub fn new(document: &Value) -> Self {
        let mut routes = Self {
            fixed: HashMap::new(),
            variable: Vec::new(),
        };
        for pattern in docs::PATHS {
            let route = Route::new(routes.len(), pattern, vec![Method::GET]);
            routes.fixed.insert(pattern, route);
        }
        for (pattern, methods) in paths::PATHS {
            let route = Route::new(routes.len(), pattern, methods.to_vec());
            routes.fixed.insert(pattern, route);
        }
        let paths = document.get("paths").and_then(Value::as_object);
        for (pattern, operations) in paths.into_iter().flatten() {
            let pattern: &'static str = pattern.clone().leak();
            let methods = operations
                .as_object()
                .into_iter()
                .flat_map(serde_json::Map::keys)
                .filter_map(|method| Method::from_bytes(method.to_ascii_uppercase().as_bytes()).ok())
                .collect();
            let route = Route::new(routes.len(), pattern, methods);
            if pattern.contains('{') {
                routes.variable.push((pattern.split('/').collect(), route));
            } else {
                routes.fixed.insert(pattern, route);
            }
        }
        routes
    }

    fn len(&self) -> usize {
        self.fixed.len() + self.variable.len()
    }

    /// The patterns of all addresses, by their numbers.
    pub fn patterns(&self) -> Vec<&'static str> {
        let variable = self.variable.iter().map(|(_, route)| route);
        let mut routes: Vec<&Route> = self.fixed.values().chain(variable).collect();
        routes.sort_by_key(|route| route.number);
        routes.iter().map(|route| route.pattern).collect()
    }

    /// The address that this path is.
    pub fn find(&self, path: &str) -> Option<&Route> {
        self.fixed.get(path).or_else(|| {
            let found = self.variable.iter().find(|(segments, _)| {
                let mut rest = path.split('/');
                let all_fit = segments.iter().all(|segment| {
                    rest.next()
                        .is_some_and(|part| *segment == part || (segment.starts_with('{') && !part.is_empty()))
                });
                all_fit && rest.next().is_none()
            });
            found.map(|(_, route)| route)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document;

    #[test]
    fn a_path_is_its_pattern_or_nothing() {
        let routes = Routes::new(&document::value());
        let cases = [
            ("/", Some("/")),
            ("/docs", Some("/docs")),
            ("/v1/token", Some("/v1/token")),
            ("/v1/me/sessions", Some("/v1/me/sessions")),
            ("/v1/me/sessions/anything", Some("/v1/me/sessions/{id}")),
            ("/v1/admin/users/x/secret-key", Some("/v1/admin/users/{id}/secret-key")),
            ("/v1/me/authenticators/totp", Some("/v1/me/authenticators/totp")),
            ("/v1/me/authenticators/x", Some("/v1/me/authenticators/{id}")),
            (
                "/v1/admin/users/x/authenticators/y",
                Some("/v1/admin/users/{id}/authenticators/{authenticator}"),
            ),
            ("/v1/me/sessions/", None),
            ("/v1/me/sessions/a/b", None),
            ("/v1/admin/users//disable", None),
            ("/v1/token/", None),
            ("/v1/%74oken", None),
            ("", None),
            ("*", None),
        ];
        for (path, pattern) in cases {
            assert_eq!(routes.find(path).map(|route| route.pattern), pattern, "{path}");
        }
    }

    #[test]
    fn every_address_is_found_by_its_number() {
        let routes = Routes::new(&document::value());
        let patterns = routes.patterns();
        assert!(patterns.len() > 27, "{patterns:?}");
        for (number, pattern) in patterns.iter().enumerate() {
            let route = routes
                .find(
                    &pattern
                        .replace("{id}", "x")
                        .replace("{authenticator}", "y")
                        .replace("{client}", "z"),
                )
                .unwrap();
            assert_eq!((route.number, route.pattern), (number, *pattern));
        }
        assert!(routes.find(resource::PATH).is_some_and(Route::is_resource));
    }

    #[test]
    fn operations_that_take_secrets_are_limited() {
        let document = document::value();
        let routes = Routes::new(&document);
        let mut limited = Vec::new();
        for (path, operations) in document["paths"].as_object().unwrap() {
            for (method, operation) in operations.as_object().unwrap() {
                let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
                let takes = routes.find(path).unwrap().takes_credentials(&method);
                assert_eq!(takes, operation["responses"].get("429").is_some(), "{method} {path}");
                limited.extend(takes.then(|| path.clone()));
            }
        }
        assert_eq!(limited.len(), 40, "{limited:?}");
    }
}
