"""Settings of the gallery: the design system alone, without a database, so that every component can be drawn and checked."""

from pathlib import Path

from portals.ui.static_dirs import VENDOR_STATIC_DIRS

ROOT = Path(__file__).resolve().parents[3]
SECRET_KEY = "gallery"
DEBUG = True
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.portals.ui.gallery"
INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "django.contrib.messages",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "portals.ui",
]
MIDDLEWARE = [
    "portals.ui.middleware.ContentSecurityPolicyMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tests.portals.ui.gallery.StageMiddleware",
    "portals.ui.middleware.RefusalMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "OPTIONS": {
            "loaders": [
                "django_cotton.cotton_loader.Loader",
                "django.template.loaders.filesystem.Loader",
                "django.template.loaders.app_directories.Loader",
            ],
            "builtins": ["django_cotton.templatetags.cotton"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "portals.ui.context.shell",
            ],
        },
    }
]
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "troika_language"
LOCALE_PATHS = [ROOT / "portals" / "ui" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
STATIC_URL = "/static/"
STATICFILES_DIRS = VENDOR_STATIC_DIRS
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": "file:gallery?mode=memory&cache=shared",
        "OPTIONS": {"uri": True},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CSRF_FAILURE_VIEW = "portals.ui.errors.csrf_failure"
