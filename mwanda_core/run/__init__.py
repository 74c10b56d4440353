"""One whole job: settings, experiment, studies, estimate."""
