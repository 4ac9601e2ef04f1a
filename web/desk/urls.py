from django.urls import URLPattern, path

from web.desk import alerts

app_name = "desk"
urlpatterns: list[URLPattern] = [
    path("alerts/", alerts.alert_list, name="alert_list"),
    path("alerts/read/", alerts.alert_read_all, name="alert_read_all"),
    path("alerts/<int:pk>/open/", alerts.alert_open, name="alert_open"),
    path("alerts/<int:pk>/read/", alerts.alert_read, name="alert_read"),
    path("deliveries/", alerts.delivery_list, name="delivery_list"),
    path("deliveries/<int:pk>/send-again/", alerts.delivery_retry, name="delivery_retry"),
]
