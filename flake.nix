{
  description = "Run any program as a daemon and keep it up";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      forEachSystem =
        make:
        nixpkgs.lib.genAttrs [
          "x86_64-linux"
          "aarch64-linux"
          "x86_64-darwin"
          "aarch64-darwin"
        ] (system: make nixpkgs.legacyPackages.${system} self.packages.${system});

      package =
        pkgs: attributes:
        pkgs.buildNpmPackage (
          {
            pname = "zdaemon";
            version = (nixpkgs.lib.importJSON ./package.json).version;
            src = self;
            nodejs = pkgs.nodejs_22;
            npmDeps = pkgs.importNpmLock { npmRoot = self; };
            npmConfigHook = pkgs.importNpmLock.npmConfigHook;
            nativeBuildInputs = [ pkgs.installShellFiles ];
            postInstall = ''
              installShellCompletion --cmd zdaemon \
                --bash dist/completions/zdaemon --zsh dist/completions/_zdaemon --fish dist/completions/zdaemon.fish
            '';
            meta = {
              description = "Run any program as a daemon and keep it up";
              license = nixpkgs.lib.licenses.mit;
              mainProgram = "zdaemon";
              platforms = nixpkgs.lib.platforms.unix;
            };
          }
          // attributes
        );
    in
    {
      packages = forEachSystem (pkgs: _: { default = package pkgs { }; });

      apps = forEachSystem (
        pkgs: packages: {
          default = {
            type = "app";
            program = nixpkgs.lib.getExe packages.default;
          };
        }
      );

      devShells = forEachSystem (pkgs: _: { default = pkgs.mkShell { packages = [ pkgs.nodejs_22 ]; }; });

      checks = forEachSystem (
        pkgs: _: {
          default = package pkgs {
            pname = "zdaemon-check";
            npmBuildScript = "check";
            installPhase = "touch $out";
          };
        }
      );
    };
}
