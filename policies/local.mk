# Examples for an administrator to copy. They are installed as documents: in a layer, an update of
# envseal would put them in force before anybody has chosen servers, accounts and users.
POLICIES = \
	policies/usr/bin/aws.toml \
	policies/usr/bin/borg.toml \
	policies/usr/bin/curl.toml \
	policies/usr/bin/gh.toml \
	policies/usr/bin/git.toml \
	policies/usr/bin/git@repository.toml \
	policies/usr/bin/gpg.toml \
	policies/usr/bin/mariadb.toml \
	policies/usr/bin/msmtp.toml \
	policies/usr/bin/openssl.toml \
	policies/usr/bin/openssl@sign.toml \
	policies/usr/bin/psql.toml \
	policies/usr/bin/rclone.toml \
	policies/usr/bin/redis-cli.toml \
	policies/usr/bin/restic.toml \
	policies/usr/bin/ssh-add.toml \
	policies/usr/lib/postgresql/15/bin/psql.toml

policiesdir = $(docdir)/examples
nobase_dist_policies_DATA = policies/README.md $(POLICIES)
