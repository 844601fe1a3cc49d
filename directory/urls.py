"""The public addresses."""

app_name = "directory"
urlpatterns = []
